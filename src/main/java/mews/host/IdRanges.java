package mews.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Resources;

/// The numbers of users and groups that an ordinary user may give to others in a user namespace,
/// from `/etc/subuid` and `/etc/subgid`. Root needs none.
public record IdRanges(Numbers uids, Numbers gids) {
    /// What to do where there are none.
    public static final String REMEDY =
            "apt install uidmap, then as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s (numbers that nobody else has in /etc/subuid)"
                    .formatted(user());

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /// @param own the user's number itself
    /// @param ranges each the first number and how many
    public record Numbers(long own, List<Range> ranges) {
        public Numbers {
            ranges = List.copyOf(ranges);
        }

        /// A map (inside, outside, count) in which a number inside is the user itself, and all
        /// others are those of the ranges in their order.
        ///
        /// @param itself inside
        public List<List<Long>> map(long itself) {
            List<List<Long>> lines = new ArrayList<>();
            long inside = 0;
            boolean placed = false;
            for (Range range : ranges) {
                long used = 0;
                if (!placed && itself < inside + range.count()) {
                    used = itself - inside;
                    add(lines, inside, range.first(), used);
                    lines.add(List.of(itself, own, 1L));
                    inside = itself + 1;
                    placed = true;
                }
                add(lines, inside, range.first() + used, range.count() - used);
                inside += range.count() - used;
            }
            if (!placed) {
                lines.add(List.of(itself, own, 1L));
            }
            return lines;
        }

        private static void add(List<List<Long>> lines, long inside, long outside, long count) {
            if (count > 0) {
                lines.add(List.of(inside, outside, count));
            }
        }
    }

    /// Numbers in a row.
    public record Range(long first, long count) {}

    /// @return empty for root, and for a user to whom no numbers are given
    public static Optional<IdRanges> ofUser() {
        if (user().equals("root")) {
            return Optional.empty();
        }
        Numbers uids = numbers("uid", "/etc/subuid");
        Numbers gids = numbers("gid", "/etc/subgid");
        return uids.ranges().isEmpty() || gids.ranges().isEmpty()
                ? Optional.empty()
                : Optional.of(new IdRanges(uids, gids));
    }

    /// Deletes a folder with all that is in it, also what belongs to numbers of the ranges.
    public static void delete(Path folder) throws IOException {
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            Optional<IdRanges> ranges = ofUser();
            if (ranges.isEmpty()) {
                throw e;
            }
            List<String> line = new ArrayList<>(ranges.get().enter());
            line.addAll(List.of("rm", "-rf", "--", folder.toString()));
            Command.Result done = Command.run(PATIENCE, line);
            if (!done.ok()) {
                throw new IOException("%s: %s".formatted(folder, done.lastWords()), e);
            }
        }
    }

    /// Words to put before a command so that it is root over the user's files and those of all the
    /// ranges, in a mount namespace of its own. Image builders number in the same way.
    public List<String> enter() throws IOException {
        List<String> line =
                new ArrayList<>(
                        List.of(
                                Interpreters.any("a user namespace for images").toString(),
                                "-I",
                                "-S",
                                "-B",
                                "-c"));
        line.add(program());
        line.addAll(maps(0, 0));
        return line;
    }

    /// What `program` is told.
    ///
    /// @param uid inside, of the user itself
    public List<String> maps(int uid, int gid) {
        return List.of(text(uids.map(uid)), text(gids.map(gid)));
    }

    /// Variables that keep image builders from making such a namespace once more. Theirs would have
    /// a process around it that dies without the builder when it is asked to stop.
    public Map<String, String> toldToBuilders() {
        return Map.of(
                "_CONTAINERS_USERNS_CONFIGURED",
                "done",
                "_CONTAINERS_ROOTLESS_UID",
                Long.toString(uids.own()),
                "_CONTAINERS_ROOTLESS_GID",
                Long.toString(gids.own()));
    }

    /// The Python program that makes such a namespace.
    public static String program() {
        return Resources.text("host/ranges.py");
    }

    private static String text(List<List<Long>> lines) {
        return lines.stream()
                .map(line -> line.stream().map(String::valueOf).collect(Collectors.joining(":")))
                .collect(Collectors.joining(","));
    }

    private static Numbers numbers(String kind, String file) {
        try {
            long own =
                    ((Number) Files.getAttribute(Path.of("/proc/self"), "unix:" + kind))
                            .longValue();
            Object uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            List<Range> ranges;
            try (Stream<String> lines = Files.lines(Path.of(file))) {
                ranges =
                        lines.map(line -> line.strip().split(":"))
                                .filter(row ->
                                        row.length == 3
                                                && (row[0].equals(user())
                                                        || row[0].equals(uid.toString()))
                                                && (row[1] + row[2]).matches("\\d{2,18}"))
                                .map(row ->
                                        new Range(Long.parseLong(row[1]), Long.parseLong(row[2])))
                                .toList();
            }
            return new Numbers(own, ranges);
        } catch (IOException e) {
            return new Numbers(0, List.of());
        }
    }

    private static String user() {
        return System.getProperty("user.name");
    }
}
