package mews.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import mews.model.ScalePolicy;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AutoscalerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ScalePolicy POLICY = policy(0, 10, 1, 0);

    /// protocol: platform 2.2, the check values
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1, 10, '1 2 3 5 6 9 10 10 10'",
        "3, 2, 1, 10, '3 3 4 6 7 10 10 10 10'",
        "0, 2, 4, 6,  '2 3 3 3 4 4 5 6 6'"
    })
    void meetsTheDocumentedExamples(int min, int buffer, int mux, int max, String targets) {
        int[] loads = {0, 1, 2, 4, 5, 8, 9, 16, 100};
        List<Integer> actual =
                IntStream.of(loads)
                        .map(load ->
                                Autoscaler.target(policy(min, max, mux, buffer), busy(load), NOW))
                        .boxed()
                        .toList();
        assertThat(actual.stream().map(String::valueOf).toList())
                .isEqualTo(List.of(targets.split(" ")));
    }

    @Test
    void drainsAnIdleRunnerOnlyOnceItsKeepAliveHasPassed() {
        assertThat(Autoscaler.decide(POLICY, idleFor(59, true), NOW))
                .isEqualTo(new Decision.Hold());
        assertThat(Autoscaler.decide(POLICY, idleFor(60, true), NOW))
                .isEqualTo(new Decision.Drain(1, false));
    }

    @Test
    void drainsANeverUsedRunnerAfterTenSeconds() {
        assertThat(Autoscaler.decide(POLICY, idleFor(9, false), NOW))
                .isEqualTo(new Decision.Hold());
        assertThat(Autoscaler.decide(POLICY, idleFor(10, false), NOW))
                .isEqualTo(new Decision.Drain(1, false));
    }

    @Test
    void countsAWaitingRequestOnceItIsOlderThanTheScalingDelay() {
        ScalePolicy delayed =
                new ScalePolicy(0, 10, 1, 0, 0, Duration.ofSeconds(5), Duration.ofSeconds(60));
        Load young = waiting(NOW.minusSeconds(4));
        Load old = waiting(NOW.minusSeconds(5));
        assertThat(Autoscaler.decide(delayed, young, NOW)).isEqualTo(new Decision.Hold());
        assertThat(Autoscaler.reconsiderAt(delayed, young, NOW)).isEqualTo(NOW.plusSeconds(1));
        assertThat(Autoscaler.decide(delayed, old, NOW)).isInstanceOf(Decision.Start.class);
    }

    @Test
    void countsRunnersThatAreComingUp() {
        Load load = new Load(0, List.of(NOW, NOW), 0, 2, 0, List.of());
        assertThat(Autoscaler.decide(POLICY, load, NOW)).isEqualTo(new Decision.Hold());
    }

    @Test
    void drainsTheSurplusWhenTheMaximumWasLowered() {
        Load load = new Load(4, List.of(), 0, 0, 4, List.of());
        assertThat(Autoscaler.decide(policy(0, 2, 1, 0), load, NOW))
                .isEqualTo(new Decision.Drain(2, true));
    }

    @Test
    void takesTheLargerOfTheTwoBuffers() {
        ScalePolicy half = new ScalePolicy(0, 100, 1, 2, 50, Duration.ZERO, Duration.ofSeconds(60));
        assertThat(Autoscaler.target(half, busy(2), NOW)).isEqualTo(4);
        assertThat(Autoscaler.target(half, busy(10), NOW)).isEqualTo(15);
    }

    @Property
    void neverLeavesTheBand(@ForAll("policies") ScalePolicy policy, @ForAll("loads") Load load) {
        int after =
                switch (Autoscaler.decide(policy, load, NOW)) {
                    case Decision.Hold() -> load.runners();
                    case Decision.Start(int runners, String why) -> load.runners() + runners;
                    case Decision.Drain(int runners, boolean busyToo) -> load.runners() - runners;
                };
        assertThat(after)
                .isBetween(
                        Math.min(load.runners(), policy.minConcurrency()),
                        Math.max(load.runners(), policy.maxConcurrency()));
        if (!(Autoscaler.decide(policy, load, NOW) instanceof Decision.Hold)) {
            assertThat(after).isBetween(policy.minConcurrency(), policy.maxConcurrency());
        }
    }

    @Property
    void neverDrainsBelowWhatTheLoadNeeds(
            @ForAll("policies") ScalePolicy policy, @ForAll("loads") Load load) {
        if (Autoscaler.decide(policy, load, NOW)
                instanceof Decision.Drain(int runners, boolean busyToo)) {
            int target = Autoscaler.target(policy, load, NOW);
            assertThat(load.runners() - runners).isGreaterThanOrEqualTo(target);
            assertThat(busyToo || runners <= load.idle().size()).isTrue();
        }
    }

    @Property
    void settlesUnderConstantLoad(
            @ForAll("policies") ScalePolicy policy, @ForAll("loads") Load load) {
        Load now = load;
        Instant later = NOW.plus(Duration.ofDays(1));
        for (int look = 0; look < 3; look++) {
            now =
                    switch (Autoscaler.decide(policy, now, later)) {
                        case Decision.Hold() -> now;
                        case Decision.Start(int runners, String why) ->
                                with(now, now.starting() + runners, now.busy(), now.idle());
                        case Decision.Drain(int runners, boolean busyToo) -> {
                            int idle = Math.min(runners, now.idle().size());
                            yield with(
                                    now,
                                    now.starting(),
                                    Math.max(0, now.busy() - (runners - idle)),
                                    now.idle().subList(idle, now.idle().size()));
                        }
                    };
        }
        assertThat(Autoscaler.decide(policy, now, later))
                .as("%s with %s", policy, now)
                .satisfiesAnyOf(
                        decision -> assertThat(decision).isEqualTo(new Decision.Hold()),
                        decision ->
                                assertThat(starting(load)).isGreaterThan(policy.maxConcurrency()));
    }

    private static int starting(Load load) {
        return load.starting();
    }

    private static Load with(Load load, int starting, int busy, List<Load.Idle> idle) {
        return new Load(load.inFlight(), load.waiting(), load.unseen(), starting, busy, idle);
    }

    @Provide
    Arbitrary<ScalePolicy> policies() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(1, 20),
                        Arbitraries.integers().between(1, 8),
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(0, 200),
                        Arbitraries.integers().between(0, 30))
                .as((min, max, mux, buffer, share, delay) ->
                        new ScalePolicy(
                                Math.min(min, max),
                                max,
                                mux,
                                buffer,
                                share,
                                Duration.ofSeconds(delay),
                                Duration.ofSeconds(60)));
    }

    @Provide
    Arbitrary<Load> loads() {
        Arbitrary<Instant> past = Arbitraries.integers().between(0, 120).map(NOW::minusSeconds);
        Arbitrary<Load.Idle> idle =
                Combinators.combine(past, Arbitraries.of(true, false)).as(Load.Idle::new);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 40),
                        past.list().ofMaxSize(20),
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(0, 10),
                        idle.list().ofMaxSize(10))
                .as(Load::new);
    }

    private static ScalePolicy policy(int min, int max, int mux, int buffer) {
        return new ScalePolicy(min, max, mux, buffer, 0, Duration.ZERO, Duration.ofSeconds(60));
    }

    private static Load busy(int inFlight) {
        return new Load(inFlight, List.of(), 0, 0, inFlight, List.of());
    }

    private static Load waiting(Instant arrival) {
        return new Load(0, List.of(arrival), 0, 0, 0, List.of());
    }

    private static Load idleFor(int seconds, boolean everServed) {
        List<Load.Idle> idle = new ArrayList<>();
        idle.add(new Load.Idle(NOW.minusSeconds(seconds), everServed));
        return new Load(0, List.of(), 0, 0, 0, idle);
    }
}
