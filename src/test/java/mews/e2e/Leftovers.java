package mews.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import mews.base.Hashes;
import mews.host.Command;

/// What is still on this host of a server that has stopped, besides its state folder.
final class Leftovers {
    private final Path home;
    private final String server;

    Leftovers(Path home) {
        this.home = home;
        this.server = Hashes.sha256Hex(home.toString()).substring(0, 8);
    }

    /// Sockets of its runners, on this host.
    Path sockets() {
        return Path.of("/run/mews", server);
    }

    /// Names of everything found; empty if all is gone.
    List<String> find() throws IOException {
        List<String> found = new ArrayList<>();
        found.addAll(processes(home.toString()));
        Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(home.toString()) || line.contains("/" + server + "/"))
                .forEach(line -> found.add("mount " + line));
        found.addAll(below(home.resolve("runners"), 1));
        for (String folder : List.of("r", "e", "sandbox")) {
            found.addAll(below(sockets().resolve(folder), 1));
        }
        try (Stream<Path> groups =
                Files.find(Path.of("/sys/fs/cgroup"), 4, (path, file) -> named(path))) {
            groups.forEach(group -> found.add("cgroup " + group));
        }
        String network = Command.run(java.time.Duration.ofSeconds(20), "ip", "netns", "list").out();
        network.lines()
                .filter(line -> line.contains(server))
                .forEach(line -> found.add("network " + line));
        return found;
    }

    /// Ids of the processes in the control group of a runner.
    ///
    /// @param runner end of its id, after the last dash
    static List<Long> processesOf(String runner) throws IOException {
        List<Long> ids = new ArrayList<>();
        for (Path process : processes()) {
            if (read(process.resolve("cgroup")).contains("/r-" + runner)) {
                ids.add(Long.parseLong(process.getFileName().toString()));
            }
        }
        return ids;
    }

    private boolean named(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().equals("mews-" + server);
    }

    private static List<String> processes(String home) throws IOException {
        List<String> found = new ArrayList<>();
        for (Path process : processes()) {
            String command = read(process.resolve("cmdline")).replace('\0', ' ');
            if (command.contains(home)) {
                found.add("process %s %s".formatted(process.getFileName(), command));
            }
        }
        return found;
    }

    private static List<Path> processes() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            return all.filter(path -> path.getFileName().toString().matches("\\d+")).toList();
        }
    }

    private static List<String> below(Path folder, int depth) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder, depth)) {
            return all.filter(path -> !path.equals(folder)).map(Path::toString).toList();
        }
    }

    /// @return nothing of a process that has ended
    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
