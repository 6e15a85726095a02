package mews.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What this machine has to give, read at each call.
public final class Machine {
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private Machine() {}

    /// Cores this process may use, a container's quota respected.
    public static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    /// Memory of the machine, or the limit of the group this process is in if that is smaller.
    public static long memoryBytes() {
        return Math.min(meminfo("MemTotal"), limit());
    }

    /// Memory that new processes can take without swapping.
    public static long freeMemoryBytes() {
        return Math.min(meminfo("MemAvailable"), limit());
    }

    /// @param folder the nearest existing parent counts
    public static long freeDiskBytes(Path folder) {
        @Nullable Path existing = folder.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            return existing == null ? 0 : Files.getFileStore(existing).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }

    private static long meminfo(String name) {
        try {
            for (String line : Files.readAllLines(MEMINFO)) {
                if (line.startsWith(name + ":")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            // No /proc: the JVM's own view is the next best.
        }
        return Runtime.getRuntime().maxMemory();
    }

    private static long limit() {
        for (String file : new String[] {"memory.max", "memory/memory.limit_in_bytes"}) {
            try {
                String limit = Files.readString(Path.of("/sys/fs/cgroup", file)).strip();
                if (!limit.equals("max")) {
                    return Long.parseLong(limit);
                }
            } catch (IOException | NumberFormatException e) {
                // Not this version.
            }
        }
        return Long.MAX_VALUE;
    }
}
