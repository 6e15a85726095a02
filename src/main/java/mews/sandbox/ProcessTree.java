package mews.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What `/proc` tells of processes.
final class ProcessTree {
    private static final Path PROC = Path.of("/proc");

    private ProcessTree() {}

    /// The process that was started inside a process namespace, as this host numbers it.
    ///
    /// @param init host pid of the namespace's first process
    /// @param candidates among which it is; empty if that is not known, which takes a look at all
    ///   processes of the host
    /// @return empty if it is not there yet, or no more
    static OptionalLong payload(long init, List<Long> candidates) {
        int depth = depth(init);
        return (candidates.isEmpty() ? children(init) : candidates)
                .stream()
                        .mapToLong(pid -> pid)
                        // Orphans become children of the first process too; the payload came
                        // before them.
                        .filter(pid -> innermost(pid).equals("2") && depth(pid) == depth)
                        .findFirst();
    }

    private static List<Long> children(long pid) {
        return ProcessHandle.of(pid).stream()
                .flatMap(ProcessHandle::children)
                .map(ProcessHandle::pid)
                .toList();
    }

    /// Memory that belongs to this process alone or to shared memory it made, in bytes.
    static long memoryBytes(long pid) {
        long total = 0;
        for (String line : status(pid)) {
            if (line.startsWith("RssAnon:") || line.startsWith("RssShmem:")) {
                total += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return total;
    }

    /// The share of memory of the processes that are in the same process namespace as `init`, in
    /// bytes; those in namespaces below it do not count.
    static long memoryOfNamespace(long init) {
        int depth = depth(init);
        return ProcessHandle.of(init).stream()
                .flatMap(ProcessHandle::descendants)
                .mapToLong(ProcessHandle::pid)
                .filter(pid -> depth(pid) == depth)
                .map(ProcessTree::shareBytes)
                .sum();
    }

    private static int depth(long pid) {
        return status(pid).stream()
                .filter(line -> line.startsWith("NSpid:"))
                .mapToInt(line -> line.split("\\s+").length)
                .findFirst()
                .orElse(0);
    }

    private static long shareBytes(long pid) {
        try {
            return Files.readAllLines(PROC.resolve(pid + "/smaps_rollup")).stream()
                    .filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return memoryBytes(pid);
        }
    }

    /// Processes of this user that were started with that variable, its value beginning so.
    static List<ProcessHandle> marked(String variable, String beginning) {
        String text = variable + "=" + beginning;
        return ProcessHandle.allProcesses()
                .filter(each -> environment(each.pid()).anyMatch(one -> one.startsWith(text)))
                .toList();
    }

    static int ownUid() {
        return status(ProcessHandle.current().pid()).stream()
                .filter(line -> line.startsWith("Uid:"))
                .map(line -> Integer.parseInt(line.split("\\s+")[1]))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("/proc does not tell who we are"));
    }

    private static String innermost(long pid) {
        return status(pid).stream()
                .filter(line -> line.startsWith("NSpid:"))
                .map(line -> line.substring(line.lastIndexOf('\t') + 1).strip())
                .findFirst()
                .orElse("");
    }

    private static List<String> status(long pid) {
        try {
            return Files.readAllLines(PROC.resolve(pid + "/status"));
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Stream<String> environment(long pid) {
        try {
            byte[] all = Files.readAllBytes(PROC.resolve(pid + "/environ"));
            return Stream.of(new String(all, StandardCharsets.ISO_8859_1).split("\0"));
        } catch (IOException e) {
            return Stream.empty();
        }
    }
}
