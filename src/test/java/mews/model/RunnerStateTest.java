package mews.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.stream.Stream;
import mews.model.RunnerState.Draining;
import mews.model.RunnerState.Pending;
import mews.model.RunnerState.Ready;
import mews.model.RunnerState.Setup;
import mews.model.RunnerState.Stopped;
import mews.model.RunnerState.Terminating;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Each transition, with its moment and its reason. protocol: platform 1
class RunnerStateTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(5);
    private static final Endpoint SOCKET = new Endpoint("socket");
    private static final StopReason BROKEN =
            new StopReason(StopReason.Code.SETUP_FAILED, "setup() failed: boom");
    private static final StopReason IDLE = StopReason.of(StopReason.Code.IDLE);

    @TestFactory
    Stream<DynamicTest> transitions() {
        return Stream.of(
                goes("pending to setup", new Pending(NOW).started(LATER), new Setup(LATER), null),
                goes(
                        "pending to gone",
                        new Pending(NOW).failed(BROKEN, LATER),
                        new Stopped(BROKEN, LATER),
                        BROKEN),
                goes(
                        "setup to ready",
                        new Setup(NOW).ready(SOCKET, LATER),
                        new Ready(SOCKET, LATER),
                        null),
                goes(
                        "setup to gone",
                        new Setup(NOW).failed(BROKEN, LATER),
                        new Stopped(BROKEN, LATER),
                        BROKEN),
                goes(
                        "ready to draining",
                        new Ready(SOCKET, NOW).drain(IDLE, LATER.plusSeconds(60), LATER),
                        new Draining(SOCKET, IDLE, LATER.plusSeconds(60), LATER),
                        IDLE),
                goes(
                        "terminating",
                        new Terminating(IDLE, LATER.plusSeconds(5), LATER),
                        new Terminating(IDLE, LATER.plusSeconds(5), LATER),
                        IDLE));
    }

    private static DynamicTest goes(
            String name, RunnerState after, RunnerState expected, @Nullable StopReason leaving) {
        return DynamicTest.dynamicTest(
                name,
                () -> {
                    assertThat(after).isEqualTo(expected);
                    assertThat(after.since()).isEqualTo(LATER);
                    assertThat(after.leaving()).isEqualTo(leaving);
                });
    }
}
