package mews.account;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import mews.model.Refusal;

/// Wrong secrets, counted by where they came from and the key they were for: after some the pair
/// has to wait, so that nobody tries many. Others with that key, and that place with other keys,
/// are not disturbed.
final class Guesses {
    static final int ALLOWED = 10;
    static final Duration PAUSE = Duration.ofMinutes(1);

    private static final int MOST_REMEMBERED = 10_000;

    private record Count(int failures, Instant since) {
        boolean isOver(Instant now) {
            return !now.isBefore(since.plus(PAUSE));
        }
    }

    private final InstantSource clock;
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    Guesses(InstantSource clock) {
        this.clock = clock;
    }

    /// @throws Refusal if it is too early for another attempt
    void allow(String from, String id) {
        Count count = counts.get(key(from, id));
        Instant now = clock.instant();
        if (count != null && count.failures() >= ALLOWED && !count.isOver(now)) {
            throw new Refusal(
                    Refusal.Kind.EXHAUSTED,
                    "%d wrong secrets were sent for this key within %d s; wait %d s before the next attempt"
                            .formatted(
                                    count.failures(),
                                    PAUSE.toSeconds(),
                                    Math.max(
                                            1,
                                            Duration.between(now, count.since().plus(PAUSE))
                                                    .toSeconds())));
        }
    }

    void failed(String from, String id) {
        Instant now = clock.instant();
        if (counts.size() >= MOST_REMEMBERED) {
            counts.values().removeIf(count -> count.isOver(now));
        }
        if (counts.size() >= MOST_REMEMBERED) {
            counts.clear();
        }
        counts.merge(
                key(from, id),
                new Count(1, now),
                (known, one) ->
                        known.isOver(now) ? one : new Count(known.failures() + 1, known.since()));
    }

    private static String key(String from, String id) {
        return from + " " + (id.length() > 100 ? id.substring(0, 100) : id);
    }
}
