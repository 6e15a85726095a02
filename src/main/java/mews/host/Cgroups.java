package mews.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Where this process may make control groups, shown by making one, setting a limit and moving a
/// process into it.
///
/// @param version 1 or 2; 0 if there is no place at all
/// @param places existing folder by controller (`memory`, `cpu`, `pids`), those that work; with
///   version 2 it is the same folder for each
/// @param reason why controllers are missing; empty if none is
public record Cgroups(int version, Map<String, Path> places, String reason) {
    private static final Path MOUNT = Path.of("/sys/fs/cgroup");
    private static final List<String> CONTROLLERS = List.of("memory", "cpu", "pids");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    public Cgroups {
        places = Map.copyOf(places);
    }

    /// @param name folder that holds all groups of one server, such as `mews-1a2b3c4d`
    public static Cgroups probe(String name) {
        if (!Files.isDirectory(MOUNT)) {
            return none("no cgroup file system at " + MOUNT);
        }
        return Files.exists(MOUNT.resolve("cgroup.controllers"))
                ? second(MOUNT, name)
                : first(MOUNT, name);
    }

    public boolean has(String controller) {
        return places.containsKey(controller);
    }

    private static Cgroups none(String reason) {
        return new Cgroups(0, Map.of(), reason);
    }

    /// One hierarchy per controller; below the own group first, since a container may see no more.
    private static Cgroups first(Path mount, String name) {
        Map<String, Path> places = new TreeMap<>();
        StringBuilder reason = new StringBuilder();
        for (String controller : CONTROLLERS) {
            Path root = mount.resolve(controller);
            String why = Files.isDirectory(root) ? "" : "not mounted";
            for (Path parent : List.of(root.resolve(own(controller)), root)) {
                Path place = parent.resolve(name);
                why = Files.isDirectory(parent) ? attempt(place) : why;
                if (Files.isDirectory(parent) && why.isEmpty()) {
                    places.put(controller, place);
                    break;
                }
            }
            if (!places.containsKey(controller)) {
                reason.append(reason.isEmpty() ? "" : "; ");
                reason.append(controller).append(": ").append(why);
            }
        }
        return new Cgroups(places.isEmpty() ? 0 : 1, places, reason.toString());
    }

    /// A group that limits its children may hold no process itself, so the own group serves only if
    /// it was delegated empty; a root user takes a place at the top.
    private static Cgroups second(Path mount, String name) {
        String reason = "";
        for (Path parent : List.of(mount.resolve(own("")), mount).stream().distinct().toList()) {
            Path place = parent.resolve(name);
            reason = delegate(parent, place);
            if (reason.isEmpty()) {
                Map<String, Path> places = new TreeMap<>();
                String granted = read(place.resolve("cgroup.subtree_control"));
                CONTROLLERS.stream()
                        .filter(granted::contains)
                        .forEach(controller -> places.put(controller, place));
                return new Cgroups(
                        2,
                        places,
                        places.size() == CONTROLLERS.size()
                                ? ""
                                : "only delegated: " + granted.strip());
            }
        }
        return none(reason);
    }

    private static String delegate(Path parent, Path place) {
        try {
            String offered = read(parent.resolve("cgroup.controllers"));
            String wanted = String.join(" ", enabled(offered));
            if (wanted.isEmpty()) {
                return "no controllers offered in " + parent;
            }
            if (!read(parent.resolve("cgroup.subtree_control")).contains("memory")) {
                Files.writeString(parent.resolve("cgroup.subtree_control"), wanted);
            }
            Files.createDirectories(place);
            Files.writeString(place.resolve("cgroup.subtree_control"), wanted);
            return join(place.resolve("probe"));
        } catch (IOException e) {
            return e.getClass().getSimpleName() + " on " + e.getMessage();
        }
    }

    private static List<String> enabled(String offered) {
        List<String> words = List.of(offered.strip().split("\\s+"));
        return CONTROLLERS.stream().filter(words::contains).map(name -> "+" + name).toList();
    }

    private static String attempt(Path place) {
        try {
            Files.createDirectories(place);
            return join(place.resolve("probe"));
        } catch (IOException e) {
            return e.getClass().getSimpleName() + " on " + e.getMessage();
        }
    }

    private static String join(Path group) throws IOException {
        if (!Files.isDirectory(group)) {
            Files.createDirectory(group);
        }
        Command.Result joined =
                Command.run(
                        PATIENCE,
                        "/bin/sh",
                        "-c",
                        "echo 0 > \"$0\"",
                        group.resolve("cgroup.procs").toString());
        Files.deleteIfExists(group);
        return joined.ok() ? "" : joined.lastWords();
    }

    /// @return this process's group in the hierarchy of that controller, relative
    private static String own(String controller) {
        for (String line : read(Path.of("/proc/self/cgroup")).lines().toList()) {
            String[] parts = line.split(":", 3);
            boolean ours =
                    parts.length == 3
                            && (controller.isEmpty()
                                    ? parts[1].isEmpty()
                                    : Stream.of(parts[1].split(",")).anyMatch(controller::equals));
            if (ours) {
                return parts[2].substring(1);
            }
        }
        return "";
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    /// Removes the empty folders that probing left.
    static void remove(Cgroups probed) {
        for (Path place : probed.places.values()) {
            try {
                Files.deleteIfExists(place);
            } catch (IOException e) {
                // It holds groups, so it is in use.
            }
        }
    }

    /// For people, such as `v1: cpu, memory, pids`.
    public String summary() {
        return version == 0
                ? "none"
                : "v%d: %s"
                        .formatted(
                                version,
                                String.join(", ", places.keySet().stream().sorted().toList()));
    }
}
