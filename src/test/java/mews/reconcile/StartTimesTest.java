package mews.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StartTimesTest {
    private static final UUID REVISION = new UUID(0, 0);

    private final StartTimes times = new StartTimes();

    @Test
    void tellsTheLongestOfTheLastEight() {
        assertThat(times.longest(REVISION)).isZero();
        times.took(REVISION, Duration.ofSeconds(9));
        IntStream.range(0, 7).forEach(i -> times.took(REVISION, Duration.ofSeconds(2)));
        assertThat(times.longest(REVISION)).isEqualTo(Duration.ofSeconds(9));

        times.took(REVISION, Duration.ofSeconds(3));

        assertThat(times.longest(REVISION)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void forgetsRevisionsOfLongAgo() {
        IntStream.rangeClosed(0, 10_000)
                .forEach(i -> times.took(new UUID(0, i), Duration.ofSeconds(1)));

        assertThat(times.longest(REVISION)).isZero();
        assertThat(times.longest(new UUID(0, 10_000))).isEqualTo(Duration.ofSeconds(1));
    }
}
