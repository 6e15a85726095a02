package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Endpoint;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.ScalePolicy;
import mews.model.StopReason;
import mews.wire.proto.RunnerInfo;
import mews.wire.proto.RunnerInfo.ReplaceState;
import mews.wire.proto.RunnerInfo.State;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A runner as owners see it: each state and field. protocol: platform 1
class ListingsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final AppName APP = new AppName("local", "hello");
    private static final UUID REVISION = new UUID(1, 1);
    private static final Endpoint SOCKET = new Endpoint("socket");
    private static final StopReason IDLE = StopReason.of(StopReason.Code.IDLE);
    private static final StopReason REPLACED = StopReason.of(StopReason.Code.REPLACED);

    @TestFactory
    Stream<DynamicTest> states() {
        return Stream.of(
                state(new RunnerState.Pending(NOW), 0, State.PENDING, 1, ReplaceState.NO_REPLACE),
                state(new RunnerState.Setup(NOW), 0, State.SETUP, 2, ReplaceState.NO_REPLACE),
                state(
                        new RunnerState.Ready(SOCKET, NOW),
                        0,
                        State.IDLE,
                        8,
                        ReplaceState.NO_REPLACE),
                state(
                        new RunnerState.Ready(SOCKET, NOW),
                        1,
                        State.RUNNING,
                        0,
                        ReplaceState.NO_REPLACE),
                state(
                        new RunnerState.Draining(SOCKET, IDLE, NOW, NOW),
                        1,
                        State.DRAINING,
                        5,
                        ReplaceState.NO_REPLACE),
                state(
                        new RunnerState.Draining(SOCKET, REPLACED, NOW, NOW),
                        1,
                        State.DRAINING,
                        5,
                        ReplaceState.DID_REPLACE),
                state(
                        new RunnerState.Terminating(REPLACED, NOW, NOW),
                        0,
                        State.TERMINATING,
                        6,
                        ReplaceState.DID_REPLACE),
                state(
                        new RunnerState.Stopped(IDLE, NOW),
                        0,
                        State.TERMINATED,
                        7,
                        ReplaceState.NO_REPLACE));
    }

    private static DynamicTest state(
            RunnerState state, int inFlight, State expected, int number, ReplaceState replaced) {
        return DynamicTest.dynamicTest(
                expected + " " + replaced,
                () -> {
                    RunnerInfo info =
                            Listings.runner(runner(state, inFlight, null, true), alias(1), NOW);
                    assertThat(info.getState()).isEqualTo(expected);
                    assertThat(info.getState().getNumber()).isEqualTo(number);
                    assertThat(info.getReplacement()).isEqualTo(replaced);
                    assertThat(info.getInFlightRequests()).isEqualTo(inFlight);
                });
    }

    @Test
    void namesWhatItRunsAndForHowLong() {
        RunnerInfo info =
                Listings.runner(
                        runner(new RunnerState.Ready(SOCKET, NOW), 2, null, true), alias(1), NOW);

        assertThat(info.getRunnerId()).isEqualTo(new UUID(0, 7).toString());
        assertThat(info.getRevision()).isEqualTo(REVISION.toString());
        assertThat(info.getAlias()).isEqualTo("hello");
        assertThat(info.getMachineType()).isEqualTo("S");
        assertThat(info.getUptime()).isEqualTo(90);
        assertThat(info.hasExpirationCountdown()).isFalse();
    }

    @Test
    void olderRunnersWillBeReplaced() {
        RunnerInfo info =
                Listings.runner(
                        runner(new RunnerState.Ready(SOCKET, NOW), 0, NOW, true), alias(2), NOW);

        assertThat(info.getReplacement()).isEqualTo(ReplaceState.WILL_REPLACE);
    }

    /// @param left seconds until it goes; a dash while something keeps it
    @ParameterizedTest
    @CsvSource({
        "0, 0, 20, true, 40",
        "0, 0, 90, true, 0",
        "0, 0, 4, false, 6",
        "1, 0, 20, true, -",
        "0, 1, 20, true, -"
    })
    void expirationCountdown(int min, int buffer, int idle, boolean served, String left) {
        ScalePolicy scale =
                new ScalePolicy(min, 4, 1, buffer, 0, Duration.ZERO, Duration.ofSeconds(60));
        RunnerInfo info =
                Listings.runner(
                        runner(
                                new RunnerState.Ready(SOCKET, NOW),
                                0,
                                NOW.minusSeconds(idle),
                                served),
                        alias(1, scale),
                        NOW);

        assertThat(info.hasExpirationCountdown() ? "" + info.getExpirationCountdown() : "-")
                .isEqualTo(left);
    }

    private static RunnerView runner(
            RunnerState state, int inFlight, @Nullable Instant idleSince, boolean served) {
        return new RunnerView(
                new UUID(0, 7),
                APP,
                REVISION,
                1,
                "S",
                state,
                NOW.minusSeconds(90),
                4,
                inFlight,
                idleSince,
                served,
                "none",
                "plain");
    }

    private static Alias alias(int generation) {
        return alias(generation, ScalePolicy.DEFAULT);
    }

    private static Alias alias(int generation, ScalePolicy scale) {
        return new Alias(
                APP,
                AuthMode.PRIVATE,
                REVISION,
                null,
                DeploymentStrategy.ROLLING,
                scale,
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                null,
                List.of("S"),
                List.of(),
                false,
                generation,
                NOW);
    }
}
