package mews.build;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What running builds need: never taken away while held. Thread-safe.
public final class Holds {
    private final Map<String, Integer> held = new HashMap<>();

    /// Of one build; closing it lets go of all it holds.
    public final class Hold implements AutoCloseable {
        private final List<String> keys = new ArrayList<>();

        public void add(String key) {
            synchronized (held) {
                held.merge(key, 1, Integer::sum);
                keys.add(key);
            }
        }

        @Override
        public void close() {
            synchronized (held) {
                keys.forEach(key ->
                        held.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1));
                keys.clear();
            }
        }
    }

    public Hold take() {
        return new Hold();
    }

    public Set<String> keys() {
        synchronized (held) {
            return new HashSet<>(held.keySet());
        }
    }
}
