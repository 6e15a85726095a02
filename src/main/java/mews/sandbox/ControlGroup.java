package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.stream.Stream;
import mews.host.Cgroups;
import mews.sandbox.SandboxSpec.Limits;

/// The control groups of one process, one folder per hierarchy. Not thread-safe.
final class ControlGroup {
    private static final int CPU_PERIOD_MICROS = 100_000;

    /// What stands around the process itself: bubblewrap twice, and the shell that starts it.
    private static final int OWN_PROCESSES = 3;

    private static final String V2_MEMORY = "memory.max";

    private final Set<Path> folders;

    private ControlGroup(Set<Path> folders) {
        this.folders = folders;
    }

    /// @param name unique below this server's place
    static ControlGroup make(Cgroups cgroups, String name, Limits limits) throws IOException {
        // Looked at by whoever kills while it is taken away.
        Set<Path> folders = new CopyOnWriteArraySet<>();
        for (Path place : cgroups.places().values()) {
            folders.add(place.resolve(name));
        }
        ControlGroup group = new ControlGroup(folders);
        for (Path folder : folders) {
            Files.createDirectories(folder);
        }
        try {
            if (cgroups.version() == 2) {
                group.limitSecond(limits);
            } else {
                group.limitFirst(cgroups, name, limits);
            }
            return group;
        } catch (IOException e) {
            group.remove();
            throw new IOException("cannot limit %s: %s".formatted(name, e.getMessage()), e);
        }
    }

    /// Files that a process writes `0` to in order to join.
    List<String> doors() {
        return folders.stream().map(folder -> folder.resolve("cgroup.procs").toString()).toList();
    }

    /// Processes in it, as this host numbers them; empty too where the host has no control groups.
    List<Long> members() {
        return folders.stream()
                .flatMap(folder -> lines(folder.resolve("cgroup.procs")).stream())
                .distinct()
                .map(Long::parseLong)
                .toList();
    }

    /// Whether it is known that no process is in it.
    boolean isEmpty() {
        return !folders.isEmpty() && members().isEmpty();
    }

    /// How often the kernel killed something in here for want of memory.
    long memoryKills() {
        for (Path folder : folders) {
            for (String file : List.of("memory.events", "memory.oom_control")) {
                for (String line : lines(folder.resolve(file))) {
                    if (line.startsWith("oom_kill ")) {
                        return Long.parseLong(line.substring(9).strip());
                    }
                }
            }
        }
        return 0;
    }

    /// Kills all that is in it, again and again until nothing is left to fork.
    void kill() {
        for (Path folder : folders) {
            if (Files.exists(folder.resolve("cgroup.kill"))) {
                write(folder.resolve("cgroup.kill"), "1");
            }
        }
        for (int round = 0; round < 100 && killOnce(); round++) {
            Thread.onSpinWait();
        }
    }

    /// @return false if a process in it did not vanish yet
    boolean remove() {
        List<Path> left = new ArrayList<>(folders);
        left.removeIf(ControlGroup::removed);
        folders.retainAll(left);
        return left.isEmpty();
    }

    /// Takes down what an earlier life of this server left below its place.
    static void sweep(Cgroups cgroups) {
        for (Path place : Set.copyOf(cgroups.places().values())) {
            for (Path folder : children(place)) {
                ControlGroup group = new ControlGroup(new LinkedHashSet<>(List.of(folder)));
                group.kill();
                for (int round = 0; round < 100 && !group.remove(); round++) {
                    pause();
                }
            }
        }
    }

    /// Takes away the places themselves, once they are empty.
    static void leave(Cgroups cgroups) {
        cgroups.places().values().forEach(ControlGroup::removed);
    }

    private void limitFirst(Cgroups cgroups, String name, Limits limits) throws IOException {
        Path memory = cgroups.places().get("memory");
        if (memory != null && limits.memoryBytes() != null) {
            String bytes = limits.memoryBytes().toString();
            Files.writeString(memory.resolve(name).resolve("memory.limit_in_bytes"), bytes);
            Path swap = memory.resolve(name).resolve("memory.memsw.limit_in_bytes");
            if (Files.exists(swap)) {
                Files.writeString(swap, bytes);
            }
        }
        Path cpu = cgroups.places().get("cpu");
        if (cpu != null && limits.background()) {
            write(cpu.resolve(name).resolve("cpu.shares"), "2");
        }
        if (cpu != null && limits.milliCpus() != null) {
            Path folder = cpu.resolve(name);
            Files.writeString(
                    folder.resolve("cpu.cfs_period_us"), Integer.toString(CPU_PERIOD_MICROS));
            Files.writeString(folder.resolve("cpu.cfs_quota_us"), quota(limits.milliCpus()));
        }
        Path pids = cgroups.places().get("pids");
        if (pids != null && limits.processes() != null) {
            Files.writeString(
                    pids.resolve(name).resolve("pids.max"), processes(limits.processes()));
        }
    }

    private void limitSecond(Limits limits) throws IOException {
        for (Path folder : folders) {
            if (limits.memoryBytes() != null && Files.exists(folder.resolve(V2_MEMORY))) {
                Files.writeString(folder.resolve(V2_MEMORY), limits.memoryBytes().toString());
                write(folder.resolve("memory.swap.max"), "0");
                write(folder.resolve("memory.oom.group"), "1");
            }
            if (limits.background()) {
                write(folder.resolve("cpu.weight"), "1");
            }
            if (limits.milliCpus() != null && Files.exists(folder.resolve("cpu.max"))) {
                Files.writeString(
                        folder.resolve("cpu.max"),
                        quota(limits.milliCpus()) + " " + CPU_PERIOD_MICROS);
            }
            if (limits.processes() != null && Files.exists(folder.resolve("pids.max"))) {
                Files.writeString(folder.resolve("pids.max"), processes(limits.processes()));
            }
        }
    }

    private static String quota(int milliCpus) {
        return Long.toString(Math.max(1000, (long) milliCpus * CPU_PERIOD_MICROS / 1000));
    }

    private static String processes(int limit) {
        return Integer.toString(limit + OWN_PROCESSES);
    }

    private boolean killOnce() {
        boolean any = false;
        for (Path folder : folders) {
            for (String pid : lines(folder.resolve("cgroup.procs"))) {
                any = true;
                ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
        return any;
    }

    private static boolean removed(Path folder) {
        try {
            for (Path child : children(folder)) {
                removed(child);
            }
            Files.deleteIfExists(folder);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            // The group vanished under the reader.
            return List.of();
        }
    }

    private static void write(Path file, String value) {
        try {
            Files.writeString(file, value);
        } catch (IOException e) {
            // Not offered by this kernel; the limit itself was set.
        }
    }

    private static void pause() {
        try {
            Thread.sleep(5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
