package mews.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import mews.host.Cgroups;
import mews.sandbox.SandboxSpec.Limits;
import org.jspecify.annotations.Nullable;

/// Where no control group holds a limit: looks at a process from outside now and then, and kills it
/// when it takes too much. Best effort; CPU is not limited this way.
final class Watch {
    private static final Duration PERIOD = Duration.ofMillis(250);

    private final @Nullable Long memoryBytes;
    private final @Nullable Integer processes;
    private final Supplier<Stream<ProcessHandle>> members;
    private volatile boolean tooMuchMemory;

    Watch(Limits limits, Cgroups cgroups, Supplier<Stream<ProcessHandle>> members) {
        this.memoryBytes = cgroups.has("memory") ? null : limits.memoryBytes();
        this.processes = cgroups.has("pids") ? null : limits.processes();
        this.members = members;
    }

    void start(Process process, Runnable kill) {
        if (memoryBytes != null || processes != null) {
            Thread.ofVirtual()
                    .name("mews-watch-" + process.pid())
                    .start(() -> watch(process, kill));
        }
    }

    boolean tookTooMuchMemory() {
        return tooMuchMemory;
    }

    private void watch(Process process, Runnable kill) {
        try {
            while (!process.waitFor(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
                List<ProcessHandle> all = members.get().toList();
                if (processes != null && all.size() > processes + 3) {
                    kill.run();
                }
                if (memoryBytes != null && memory(all) > memoryBytes) {
                    tooMuchMemory = true;
                    kill.run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static long memory(List<ProcessHandle> all) {
        return all.stream().mapToLong(process -> ProcessTree.memoryBytes(process.pid())).sum();
    }
}
