package mews.queue;

import java.time.Duration;
import java.time.Instant;

/// How long a finished request stays readable. protocol: data 5.5
///
/// @param stored with payload storage on
/// @param small without it, for results below `largeBytes`
/// @param large without it, for the others
/// @param largeBytes size from which a result is large
public record Retention(Duration stored, Duration small, Duration large, int largeBytes) {
    public static final Retention DEFAULT =
            new Retention(
                    Duration.ofDays(30), Duration.ofHours(1), Duration.ofMinutes(6), 10 * 1024);

    Instant expiry(boolean storePayload, int resultBytes, Instant finishedAt) {
        if (storePayload) {
            return finishedAt.plus(stored);
        }
        return finishedAt.plus(resultBytes < largeBytes ? small : large);
    }
}
