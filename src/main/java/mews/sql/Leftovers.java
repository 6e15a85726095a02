package mews.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an earlier life left behind in a data folder: a postmaster that lost its server, backends
/// that lost their postmaster, a lock file that nobody holds.
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration STEP = Duration.ofMillis(20);

    private final Path data;

    /// @param data the data folder
    Leftovers(Path data) {
        this.data = data;
    }

    /// Ends every process that works in the folder, the postmaster by a fast shutdown, then removes
    /// the lock file. Only then may a new postmaster start: PostgreSQL itself takes any live
    /// process with the old number, even a zombie, for a running server.
    void clear() {
        long asked = System.nanoTime();
        boolean said = false;
        for (List<ProcessHandle> left = processes(); !left.isEmpty(); left = processes()) {
            Duration waited = Duration.ofNanos(System.nanoTime() - asked);
            if (!said) {
                LOG.info("stopping the database of an earlier life pids={}", pids(left));
                postmaster().ifPresent(pid -> Shell.run("kill", "-INT", Long.toString(pid)));
                said = true;
            }
            if (waited.compareTo(PATIENCE) > 0) {
                LOG.warn("killing the database of an earlier life pids={}", pids(left));
                left.forEach(ProcessHandle::destroyForcibly);
            }
            pause();
        }
        try {
            Files.deleteIfExists(lockFile());
        } catch (IOException e) {
            throw new UncheckedIOException("the stale lock file cannot be removed", e);
        }
    }

    /// PostgreSQL works inside its data folder, which tells its processes from any other that got a
    /// number it once had.
    private List<ProcessHandle> processes() {
        try {
            Path real = data.toRealPath();
            try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
                return all.filter(process -> worksIn(process, real)).toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the data folder cannot be read", e);
        }
    }

    private static boolean worksIn(ProcessHandle process, Path folder) {
        try {
            Path link = Path.of("/proc", Long.toString(process.pid()), "cwd");
            return Files.readSymbolicLink(link).equals(folder);
        } catch (IOException e) {
            return false; // ended meanwhile, or of another user
        }
    }

    private Optional<Long> postmaster() {
        try (Stream<String> lines = Files.lines(lockFile())) {
            return lines.findFirst()
                    .map(line -> Long.parseLong(line.strip()))
                    .filter(pid -> processes().stream().anyMatch(process -> process.pid() == pid));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    private Path lockFile() {
        return data.resolve("postmaster.pid");
    }

    private static List<Long> pids(List<ProcessHandle> processes) {
        return processes.stream().map(ProcessHandle::pid).toList();
    }

    private static void pause() {
        try {
            Thread.sleep(STEP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the old database stops", e);
        }
    }
}
