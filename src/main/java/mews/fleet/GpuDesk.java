package mews.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.host.Gpu;
import mews.model.Refusal;

/// Who holds which accelerator. Each has one holder at most. Thread-safe.
public final class GpuDesk {
    private final List<Gpu> all;
    private final List<Gpu> free;
    private final Map<UUID, List<Gpu>> held = new HashMap<>();

    public GpuDesk(List<Gpu> gpus) {
        this.all = List.copyOf(gpus);
        this.free = new ArrayList<>(gpus);
    }

    public int all() {
        return all.size();
    }

    public synchronized int free() {
        return free.size();
    }

    /// @throws Refusal if fewer are free
    synchronized void take(UUID runner, int count) {
        if (count > free.size()) {
            throw new Refusal(
                    Refusal.Kind.EXHAUSTED,
                    "%d GPUs are needed; %d of this server's %d are free"
                            .formatted(count, free.size(), all.size()));
        }
        if (count > 0) {
            List<Gpu> first = free.subList(0, count);
            held.put(runner, List.copyOf(first));
            first.clear();
        }
    }

    synchronized List<Gpu> of(UUID runner) {
        return held.getOrDefault(runner, List.of());
    }

    synchronized void release(UUID runner) {
        List<Gpu> back = held.remove(runner);
        if (back != null) {
            free.addAll(back);
            // In the host's order, so that an idle host always gives the same ones first.
            free.sort(Comparator.comparingInt(all::indexOf));
        }
    }
}
