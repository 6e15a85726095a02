package mews.fleet;

import java.time.Duration;
import java.time.Instant;

/// How long something that failed is left alone: longer each time. Not thread-safe.
final class Pause {
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final Duration LONGEST = Duration.ofMinutes(10);

    private Instant until = Instant.MIN;
    private int failures;

    boolean over(Instant now) {
        return !now.isBefore(until);
    }

    void longer(Instant now) {
        failures++;
        Duration pause = STEP.multipliedBy(failures);
        until = now.plus(pause.compareTo(LONGEST) < 0 ? pause : LONGEST);
    }

    void longest(Instant now) {
        until = now.plus(LONGEST);
    }

    void end() {
        failures = 0;
        until = Instant.MIN;
    }
}
