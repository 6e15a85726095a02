package mews.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The folders of an account's `/data` that an app is shown. protocol: platform 11
///
/// @param parts paths below `/data`, none inside another; empty = all of it
public record DataMounts(List<String> parts) {
    public static final String ROOT = "/data";
    public static final DataMounts ALL = new DataMounts(List.of());
    public static final int MOST = 32;

    private static final int LONGEST = 1024;

    public DataMounts {
        parts = List.copyOf(parts);
    }

    /// @param asked each one [acceptable](#accepts); empty = all
    public static DataMounts of(List<String> asked) {
        List<String> parts = asked.stream().map(DataMounts::below).distinct().sorted().toList();
        if (parts.contains("")) {
            return ALL;
        }
        Stream<String> outermost =
                parts.stream()
                        .filter(part ->
                                parts.stream().noneMatch(other -> part.startsWith(other + "/")));
        return new DataMounts(outermost.toList());
    }

    /// Whether a path is `/data` or leads below it, as it is written.
    public static boolean accepts(String path) {
        return (path.equals(ROOT) || path.startsWith(ROOT + "/"))
                && path.getBytes(StandardCharsets.UTF_8).length <= LONGEST
                && path.chars().noneMatch(Character::isISOControl)
                && Arrays.stream(path.split("/"))
                        .noneMatch(name -> name.equals("..") || name.equals("."));
    }

    /// Whether a path below `/data` is in what is shown.
    public boolean show(String path) {
        String part = below(path);
        return parts.isEmpty()
                || parts.stream().anyMatch(one -> (part + "/").startsWith(one + "/"));
    }

    private static String below(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty())
                .skip(1)
                .collect(Collectors.joining("/"));
    }
}
