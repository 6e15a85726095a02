package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// How long a runner that is to go waits for its requests. protocol: platform 6
class DrainDeadlineIT {
    private static final Map<UUID, RunnerState.Draining> DRAINS = new ConcurrentHashMap<>();
    static FleetFixture host;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture();
        host.fleet.listen(
                new FleetListener() {
                    @Override
                    public void changed(RunnerView runner) {
                        if (runner.state() instanceof RunnerState.Draining draining) {
                            DRAINS.put(runner.id(), draining);
                        }
                    }
                });
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    @Test
    void isTheRequestTimeoutInForceWhenTheDrainBegins() {
        UUID id = busy();
        host.requestTimeout = Duration.ofSeconds(1);

        host.fleet.drain(id, StopReason.of(Code.REPLACED));

        assertThat(drains(id)).isEqualTo(Duration.ofSeconds(1));
        // Its request never ends, the drain does.
        assertThat(host.end(id).code()).isEqualTo(Code.REPLACED);
    }

    @Test
    void isAnHourWhereRequestsMayTakeAsLongAsTheyLike() {
        UUID id = busy();
        host.requestTimeout = Duration.ZERO;

        host.fleet.drain(id, StopReason.of(Code.REPLACED));

        assertThat(drains(id)).isEqualTo(Duration.ofHours(1));
        host.fleet.kill(id, StopReason.of(Code.KILLED));
        host.end(id);
    }

    @Test
    void isTheRevisionsOwnOnceItsAppIsGone() {
        UUID id = busy();
        host.requestTimeout = null;

        host.fleet.drain(id, StopReason.of(Code.REMOVED));

        assertThat(drains(id)).isEqualTo(Duration.ofSeconds(60));
        host.fleet.kill(id, StopReason.of(Code.KILLED));
        host.end(id);
    }

    private static UUID busy() {
        UUID id = host.start(Wish.app("Hello").grace(Duration.ofMillis(200)));
        host.ready(id);
        host.fleet.inFlight(id, 1);
        return id;
    }

    private static Duration drains(UUID id) {
        RunnerState.Draining draining =
                await().atMost(FleetFixture.PATIENCE).until(() -> DRAINS.get(id), Objects::nonNull);
        return Duration.between(draining.since(), draining.deadline());
    }
}
