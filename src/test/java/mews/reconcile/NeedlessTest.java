package mews.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.dispatch.Demand;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Endpoint;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.ScalePolicy;
import mews.queue.Queue;
import mews.scale.Autoscaler;
import mews.scale.Load;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Starts that nobody needs any more, and apps about which nothing is to be decided.
class NeedlessTest {
    private static final AppName APP = new AppName("ada", "hello");
    private static final UUID REVISION = new UUID(0, 1);
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Needless needless = new Needless();

    @Test
    void givesUpTheLastOrderedOnceNobodyNeededThemForLongEnough() {
        List<RunnerView> runners = List.of(ready(1), coming(2, -3), coming(3, -2), coming(4, -1));

        assertThat(at(0, runners, 2)).isEmpty();
        assertThat(at(9, runners, 2)).isEmpty();
        assertThat(at(10, runners, 2)).containsExactly(id(4), id(3));
    }

    @Test
    void waitsAnewOnceTheyWereNeededAgain() {
        List<RunnerView> runners = List.of(ready(1), coming(2, -1));
        at(0, runners, 1);
        at(9, runners, 0);

        assertThat(at(10, runners, 1)).isEmpty();
        assertThat(at(19, runners, 1)).isEmpty();
        assertThat(at(20, runners, 1)).containsExactly(id(2));
    }

    /// Callers who leave before a slow app is there, and come again, would keep it away for ever.
    @Test
    void keepsAStartThatNoOtherRunnerReplaced() {
        List<RunnerView> alone = List.of(coming(2, -1));
        at(0, alone, 1);
        assertThat(at(60, alone, 1)).isEmpty();

        at(61, List.of(ready(1), coming(2, -1), coming(3, 100)), 0);
        at(62, List.of(coming(2, -1), coming(3, 100)), 2);
        assertThat(at(72, List.of(coming(2, -1), coming(3, 100)), 2)).containsExactly(id(2));
    }

    @Test
    void forgetsWhatItSawOnceNothingComesUp() {
        at(0, List.of(ready(1), coming(2, -1)), 1);
        at(5, List.of(ready(1), ready(2)), 0);

        assertThat(at(11, List.of(ready(1), coming(3, -1)), 1)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 1", "10, 10", "60, 10"})
    void isAsPatientAsWithRunnersThatIdleUnused(int keepAlive, int patience) {
        ScalePolicy policy =
                new ScalePolicy(0, 2, 1, 0, 0, Duration.ZERO, Duration.ofSeconds(keepAlive));

        assertThat(Autoscaler.patienceWithStarts(policy)).hasSeconds(patience);
    }

    @Test
    void decidesNothingOnlyWhereNothingRunsIsAskedForOrWantedAtRest() {
        Demand none = Demand.NONE;
        assertThat(calm(0, 0, null, List.of(), none, null)).isTrue();

        assertThat(calm(1, 0, null, List.of(), none, null)).isFalse();
        assertThat(calm(0, 1, null, List.of(), none, null)).isFalse();
        assertThat(calm(0, 0, REVISION, List.of(), none, null)).isFalse();
        assertThat(calm(0, 0, null, List.of(ready(1)), none, null)).isFalse();
        assertThat(calm(0, 0, null, List.of(), new Demand(1, List.of()), null)).isFalse();
        assertThat(calm(0, 0, null, List.of(), new Demand(0, List.of(NOW)), null)).isFalse();
        assertThat(calm(0, 0, null, List.of(), none, new Queue.Depth(1, List.of()))).isFalse();
    }

    private static boolean calm(
            int min,
            int buffer,
            @Nullable UUID next,
            List<RunnerView> live,
            Demand demand,
            Queue.@Nullable Depth depth) {
        Alias alias =
                new Alias(
                        APP,
                        AuthMode.PRIVATE,
                        REVISION,
                        next,
                        DeploymentStrategy.ROLLING,
                        new ScalePolicy(min, 2, 1, buffer, 0, Duration.ZERO, PATIENCE),
                        PATIENCE,
                        PATIENCE,
                        null,
                        List.of("S"),
                        List.of(),
                        false,
                        1,
                        NOW);
        return Snapshot.nothingToDecide(alias, live, demand, depth);
    }

    private List<UUID> at(int seconds, List<RunnerView> runners, int surplus) {
        Load load = new Load(0, List.of(), 0, 0, 0, List.of());
        Snapshot snapshot = new Snapshot(runners, List.of(), List.of(), load);
        return needless.of(APP, snapshot, surplus, PATIENCE, NOW.plusSeconds(seconds));
    }

    private static RunnerView ready(int number) {
        return runner(number, new RunnerState.Ready(new Endpoint("/none"), NOW), NOW);
    }

    private static RunnerView coming(int number, int ordered) {
        Instant at = NOW.plusSeconds(ordered);
        return runner(number, new RunnerState.Setup(at), at);
    }

    private static UUID id(int number) {
        return new UUID(1, number);
    }

    private static RunnerView runner(int number, RunnerState state, Instant created) {
        return new RunnerView(
                id(number), APP, REVISION, 1, "S", state, created, 1, 0, null, false, "none", "");
    }
}
