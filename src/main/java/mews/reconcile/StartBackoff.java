package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// How long the next start of a revision waits after failed ones: 30 s more each time, at most 10
/// minutes; one success releases all. protocol: platform 1
final class StartBackoff {
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final Duration MOST = Duration.ofMinutes(10);

    private record Failures(int count, Instant until, String reason) {}

    private final Map<UUID, Failures> byRevision = new HashMap<>();

    synchronized void failed(UUID revision, String reason, Instant now) {
        Failures before = byRevision.get(revision);
        // Runners that started together and fail together are one failure, or a burst would wait
        // for minutes.
        if (before != null && now.isBefore(before.until())) {
            return;
        }
        int count = before == null ? 1 : before.count() + 1;
        Duration wait = STEP.multipliedBy(count);
        byRevision.put(
                revision,
                new Failures(count, now.plus(wait.compareTo(MOST) > 0 ? MOST : wait), reason));
    }

    synchronized void succeeded(UUID revision) {
        byRevision.remove(revision);
    }

    synchronized void forget(UUID revision) {
        byRevision.remove(revision);
    }

    /// @return the moment before which no runner of the revision may be started; the past if there
    ///   is none
    synchronized Instant until(UUID revision) {
        Failures failures = byRevision.get(revision);
        return failures == null ? Instant.MIN : failures.until();
    }

    /// @return why the last start failed, empty if none did
    synchronized String reason(UUID revision) {
        Failures failures = byRevision.get(revision);
        return failures == null ? "" : failures.reason();
    }
}
