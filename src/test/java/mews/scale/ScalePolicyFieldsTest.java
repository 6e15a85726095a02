package mews.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mews.model.ScalePolicy;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each field of the policy by itself, second by second. protocol: platform 2.1
class ScalePolicyFieldsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private record Policy(
            int min, int max, int multiplexing, int buffer, int share, int delay, int keepAlive) {
        ScalePolicy scale() {
            return new ScalePolicy(
                    min,
                    max,
                    multiplexing,
                    buffer,
                    share,
                    Duration.ofSeconds(delay),
                    Duration.ofSeconds(keepAlive));
        }
    }

    private static final Policy PLAIN = new Policy(0, 10, 1, 0, 0, 0, 60);

    @TestFactory
    Stream<DynamicTest> targets() {
        return Stream.of(
                target("nothing asked, no load", PLAIN, 0, 0),
                target("nothing asked, load", PLAIN, 3, 3),
                target("min_concurrency, no load", new Policy(2, 10, 1, 0, 0, 0, 60), 0, 2),
                target("min_concurrency, load above", new Policy(2, 10, 1, 0, 0, 0, 60), 5, 5),
                target("max_concurrency", new Policy(0, 3, 1, 0, 0, 0, 60), 50, 3),
                target("max_multiplexing, full", new Policy(0, 10, 4, 0, 0, 0, 60), 8, 2),
                target("max_multiplexing, one more", new Policy(0, 10, 4, 0, 0, 0, 60), 9, 3),
                target("concurrency_buffer, no load", new Policy(0, 10, 1, 2, 0, 0, 60), 0, 2),
                target("concurrency_buffer, load", new Policy(0, 10, 1, 2, 0, 0, 60), 3, 5),
                target("concurrency_buffer below min", new Policy(4, 10, 1, 2, 0, 0, 60), 1, 4),
                target("concurrency_buffer under max", new Policy(0, 4, 1, 3, 0, 0, 60), 3, 4),
                target(
                        "concurrency_buffer_perc, no load",
                        new Policy(0, 90, 1, 0, 50, 0, 60),
                        0,
                        0),
                target(
                        "concurrency_buffer_perc, rounded up",
                        new Policy(0, 90, 1, 0, 50, 0, 60),
                        3,
                        5),
                target(
                        "concurrency_buffer_perc above 100",
                        new Policy(0, 90, 1, 0, 200, 0, 60),
                        3,
                        9),
                target(
                        "concurrency_buffer_perc of runners",
                        new Policy(0, 90, 4, 0, 50, 0, 60),
                        16,
                        6),
                target("the larger buffer: a number", new Policy(0, 90, 1, 4, 50, 0, 60), 4, 8),
                target("the larger buffer: a share", new Policy(0, 90, 1, 1, 50, 0, 60), 4, 6));
    }

    private static DynamicTest target(String name, Policy policy, int inFlight, int runners) {
        Load load = new Load(inFlight, List.of(), 0, 0, 0, List.of());
        return DynamicTest.dynamicTest(
                name,
                () -> assertThat(Autoscaler.target(policy.scale(), load, NOW)).isEqualTo(runners));
    }

    /// How long a runner may be idle. The ten seconds are for those that nothing asks to keep and
    /// that never had a request.
    @ParameterizedTest
    @CsvSource({
        "0, 0, 60, true, 60",
        "0, 0, 3, true, 3",
        "0, 0, 60, false, 10",
        "0, 0, 3, false, 10",
        "1, 0, 60, false, 60",
        "0, 1, 60, false, 60",
        "1, 1, 60, true, 60"
    })
    void keepAliveAndTheTenSeconds(
            int min, int buffer, int keepAlive, boolean served, int seconds) {
        ScalePolicy policy = new Policy(min, 10, 1, buffer, 0, 0, keepAlive).scale();
        int wanted = Math.max(min, buffer);

        assertThat(Autoscaler.decide(policy, idle(wanted + 1, seconds - 1, served), NOW))
                .isEqualTo(new Decision.Hold());
        assertThat(Autoscaler.decide(policy, idle(wanted + 1, seconds, served), NOW))
                .isEqualTo(new Decision.Drain(1, false));
        assertThat(Autoscaler.decide(policy, idle(wanted, seconds, served), NOW))
                .isEqualTo(new Decision.Hold());
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 1", "5, 4, 0", "5, 5, 1", "30, 29, 0", "30, 31, 1"})
    void scalingDelay(int delay, int age, int runners) {
        ScalePolicy policy = new Policy(0, 10, 1, 0, 0, delay, 60).scale();
        Load load = new Load(0, List.of(NOW.minusSeconds(age)), 0, 0, 0, List.of());

        assertThat(Autoscaler.target(policy, load, NOW)).isEqualTo(runners);
    }

    @ParameterizedTest
    @CsvSource({"4, 0, 2, 2", "4, 1, 2, 3", "2, 0, 2, 0", "2, 2, 1, 3"})
    void aLowerMaximumDrainsBusyRunnersToo(int busy, int idle, int max, int drained) {
        ScalePolicy policy = new Policy(0, max, 1, 0, 0, 0, 60).scale();
        List<Load.Idle> resting = Collections.nCopies(idle, new Load.Idle(NOW, true));
        Load load = new Load(busy, List.of(), 0, 0, busy, resting);

        assertThat(Autoscaler.decide(policy, load, NOW))
                .isEqualTo(drained == 0 ? new Decision.Hold() : new Decision.Drain(drained, true));
    }

    private static Load idle(int runners, int seconds, boolean served) {
        List<Load.Idle> idle =
                IntStream.range(0, runners)
                        .mapToObj(each -> new Load.Idle(NOW.minusSeconds(seconds), served))
                        .toList();
        return new Load(0, List.of(), 0, 0, 0, idle);
    }
}
