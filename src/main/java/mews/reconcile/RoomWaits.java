package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// When the next start of a revision is tried that this host had no room for: 20 s later, or as
/// soon as a runner ended and left its room. protocol: platform 1. Thread-safe.
final class RoomWaits {
    static final Duration WAIT = Duration.ofSeconds(20);

    /// @param until before which no start is tried
    /// @param reason what there was no room for
    record Full(Instant until, String reason) {}

    private final Map<UUID, Full> byRevision = new ConcurrentHashMap<>();
    private final AtomicLong ended = new AtomicLong();

    /// @return null if a start may be tried
    @Nullable Full full(UUID revision, Instant now) {
        Full full = byRevision.get(revision);
        return full == null || !full.until().isAfter(now) ? null : full;
    }

    /// How many runners have ended, to be asked before there is looked for room.
    long ended() {
        return ended.get();
    }

    /// A start found no room.
    ///
    /// @param before what had ended then; if there is more now, the next look may find room
    /// @return before when no start is tried
    Instant found(UUID revision, String reason, long before, Instant now) {
        Instant until = now.plus(WAIT);
        byRevision.put(revision, new Full(until, reason));
        if (ended.get() != before) {
            byRevision.remove(revision);
            return now;
        }
        return until;
    }

    void runnerEnded() {
        ended.incrementAndGet();
        byRevision.clear();
    }

    /// It may ask for another machine now.
    void forget(UUID revision) {
        byRevision.remove(revision);
    }
}
