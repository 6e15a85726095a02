package mews.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.ScalePolicy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WhyTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration MINUTE = Duration.ofSeconds(60);

    @Test
    void givesTheFormulaWithItsNumbers() {
        ScalePolicy policy = new ScalePolicy(1, 10, 4, 0, 50, Duration.ZERO, MINUTE);
        Load load = new Load(9, List.of(NOW), 0, 1, 3, List.of());

        assertThat(Why.reasons(standing(policy, load, null)))
                .containsExactly(
                        "4 runners: 3 busy, 0 idle, 1 starting; 5 wanted",
                        "demand is 10: 9 on runners, 1 waiting",
                        "10 / max_multiplexing 4 = 3, + buffer 2 (concurrency_buffer 0 or"
                                + " concurrency_buffer_perc 50 %), at least min_concurrency 1: 5");
    }

    @Test
    void tellsWhenAWaitingRequestWillCount() {
        ScalePolicy policy = new ScalePolicy(0, 10, 1, 0, 0, Duration.ofSeconds(30), MINUTE);
        Load load = new Load(0, List.of(NOW.minusSeconds(10)), 0, 0, 0, List.of());
        Standing standing = standing(policy, load, null);

        assertThat(Why.reasons(standing))
                .contains(
                        "demand is 0: 0 on runners, 1 waiting, of which 0 count: the others have"
                                + " not waited for scaling_delay (30 s)");
        assertThat(Why.changes(standing))
                .contains(
                        "a waiting request counts from 2026-01-01T12:00:20Z on, when it has waited"
                                + " for scaling_delay",
                        "1 more request at once would start 1 runner");
    }

    @Test
    void tellsWhatKeepsStartsBackAndThatTheMaximumIsReached() {
        ScalePolicy policy = new ScalePolicy(0, 2, 1, 0, 0, Duration.ZERO, MINUTE);
        Load load = new Load(0, List.of(NOW, NOW, NOW), 0, 0, 0, List.of());
        Standing standing =
                standing(
                        policy, load, new Holdup("no_room", "S has to wait for memory", NOW, null));

        assertThat(Why.reasons(standing)).last().asString().endsWith("3, but max_concurrency is 2");
        assertThat(Why.changes(standing))
                .containsExactly(
                        "starts wait for room on this host: S has to wait for memory (since"
                                + " 2026-01-01T12:00:00Z)",
                        "no more than max_concurrency (2) are started, whatever waits; raise it"
                                + " with 'mews apps scale hello --max-concurrency N'");
    }

    @Test
    void tellsWhenIdleRunnersGo() {
        ScalePolicy policy = new ScalePolicy(0, 5, 1, 0, 0, Duration.ZERO, MINUTE);
        Load load =
                new Load(
                        0,
                        List.of(),
                        0,
                        0,
                        0,
                        List.of(new Load.Idle(NOW, true), new Load.Idle(NOW, false)));

        assertThat(Why.changes(standing(policy, load, null)))
                .containsExactly(
                        "3 more requests at once would start 1 runner",
                        "a runner idle since 2026-01-01T12:00:00Z goes at 2026-01-01T12:00:10Z,"
                                + " after the 10 s that one without any request stays",
                        "a runner idle since 2026-01-01T12:00:00Z goes at 2026-01-01T12:01:00Z,"
                                + " after keep_alive (60 s)");
    }

    @Test
    void tellsWhatKeepsIdleRunners() {
        Load load = new Load(0, List.of(), 0, 0, 0, List.of(new Load.Idle(NOW, true)));

        assertThat(
                        Why.changes(
                                standing(
                                        new ScalePolicy(1, 5, 1, 0, 0, Duration.ZERO, MINUTE),
                                        load,
                                        null)))
                .contains("idle runners stay: min_concurrency is 1");
        assertThat(
                        Why.changes(
                                standing(
                                        new ScalePolicy(0, 5, 1, 1, 0, Duration.ZERO, MINUTE),
                                        load,
                                        null)))
                .contains("idle runners stay: the buffer is 1");
    }

    private static Standing standing(ScalePolicy policy, Load load, @Nullable Holdup holdup) {
        Alias alias =
                new Alias(
                        new AppName("ada", "hello"),
                        AuthMode.PRIVATE,
                        new UUID(0, 1),
                        null,
                        DeploymentStrategy.ROLLING,
                        policy,
                        MINUTE,
                        MINUTE,
                        null,
                        List.of("S"),
                        List.of(),
                        false,
                        0,
                        NOW);
        return new Standing(alias, load, 0, 0, 0, holdup, NOW);
    }
}
