package mews.project;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A requirement that names a folder of the developer's machine. protocol: control 4.4
///
/// @param folder absolute
/// @param extras `[a,b]`, or empty
record LocalRequirement(Path folder, String extras) {
    private static final Pattern EXTRAS =
            Pattern.compile("(?<path>.+?)\\s*(?<extras>\\[[^\\]]+\\])$");

    private static final Pattern FLAG_INSIDE = Pattern.compile("\\s--?[a-z]");

    /// Options of pip that take their value as the next entry.
    private static final Set<String> WITH_VALUE =
            Set.of(
                    "-c",
                    "--constraint",
                    "-f",
                    "--find-links",
                    "-i",
                    "--index-url",
                    "--extra-index-url",
                    "--no-binary",
                    "--only-binary",
                    "-r",
                    "--requirement",
                    "--trusted-host",
                    "--config-settings",
                    "-C");

    /// @return the folder that entry `index` of a layer names; empty if it names none, or is the
    ///   value of an option
    static Optional<LocalRequirement> of(List<String> layer, int index, Path context) {
        String entry = layer.get(index).strip();
        if (entry.isEmpty() || isOption(layer, index)) {
            return Optional.empty();
        }
        Matcher extras = EXTRAS.matcher(entry);
        boolean found = extras.matches();
        try {
            Path folder =
                    context.resolve(expandUser(found ? extras.group("path") : entry)).normalize();
            return Files.isDirectory(folder)
                    ? Optional.of(new LocalRequirement(folder, found ? extras.group("extras") : ""))
                    : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /// Whether an entry can only be meant as a path.
    static boolean looksLocal(List<String> layer, int index) {
        String entry = layer.get(index).strip();
        if (isOption(layer, index)
                || entry.contains("://")
                || entry.contains("@")
                || FLAG_INSIDE.matcher(entry).find()) {
            return false;
        }
        String path = pathPart(entry);
        return path.startsWith(".") || path.startsWith("~") || path.contains("/");
    }

    static String pathPart(String entry) {
        Matcher extras = EXTRAS.matcher(entry.strip());
        return expandUser(extras.matches() ? extras.group("path") : entry.strip());
    }

    static String expandUser(String path) {
        return path.equals("~") || path.startsWith("~/")
                ? System.getProperty("user.home") + path.substring(1)
                : path;
    }

    private static boolean isOption(List<String> layer, int index) {
        return layer.get(index).startsWith("-")
                || (index > 0 && WITH_VALUE.contains(layer.get(index - 1)));
    }
}
