package mews.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StartBackoffTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final UUID REVISION = new UUID(0, 1);
    private final StartBackoff backoff = new StartBackoff();

    @Test
    void waitsThirtySecondsMoreAfterEachFailureUpToTenMinutes() {
        Instant now = NOW;
        for (int failure = 1; failure <= 25; failure++) {
            backoff.failed(REVISION, "setup() raised", now);
            Duration expected = Duration.ofSeconds(Math.min(600, 30L * failure));
            assertThat(Duration.between(now, backoff.until(REVISION))).isEqualTo(expected);
            now = backoff.until(REVISION);
        }
    }

    @Test
    void countsRunnersThatFailTogetherOnce() {
        backoff.failed(REVISION, "setup() raised", NOW);
        backoff.failed(REVISION, "setup() raised", NOW.plusSeconds(1));
        assertThat(backoff.until(REVISION)).isEqualTo(NOW.plusSeconds(30));
    }

    @Test
    void releasesAllOnTheFirstSuccess() {
        backoff.failed(REVISION, "setup() raised", NOW);
        backoff.succeeded(REVISION);
        assertThat(backoff.until(REVISION)).isBefore(NOW);
        assertThat(backoff.reason(REVISION)).isEmpty();
    }
}
