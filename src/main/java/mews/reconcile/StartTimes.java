package mews.reconcile;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// How long the last starts of each revision took, from order to ready.
final class StartTimes {
    private static final int KEPT = 8;

    private static final int MOST_REVISIONS = 10_000;

    private final Map<UUID, Deque<Duration>> byRevision =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<UUID, Deque<Duration>> eldest) {
                    return size() > MOST_REVISIONS;
                }
            };

    synchronized void took(UUID revision, Duration start) {
        Deque<Duration> recent = byRevision.computeIfAbsent(revision, first -> new ArrayDeque<>());
        recent.addLast(start);
        if (recent.size() > KEPT) {
            recent.removeFirst();
        }
    }

    /// @return zero if none became ready in this life of the server
    synchronized Duration longest(UUID revision) {
        return byRevision.getOrDefault(revision, new ArrayDeque<>()).stream()
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }
}
