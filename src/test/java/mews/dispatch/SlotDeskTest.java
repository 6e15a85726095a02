package mews.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import mews.model.AppName;
import mews.model.RunnerView;
import mews.testing.FakeRoutes;
import mews.testing.ManualFleet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A runner that failed a request gets no other one.
class SlotDeskTest {
    private static final AppName APP = new AppName("ada", "hello");

    private final Vertx vertx = Vertx.vertx();
    private final ManualFleet fleet = new ManualFleet();
    private final List<Event> events = new ArrayList<>();
    private final SlotDesk desk =
            new SlotDesk(
                    fleet,
                    new CancelCalls(new RunnerClient(vertx)),
                    new OpenEnded(vertx, Duration.ZERO),
                    new Paces(new FakeRoutes()),
                    events::add);
    private final UUID runner = fleet.ready(APP, new UUID(0, 1), 4, "/none");

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void closesABrokenRunnerBeforeItsSlotIsFree() {
        slot().close(false);

        assertThat(events).containsExactly(new Event.Closed(runner), new Event.Freed(7));
    }

    @Test
    void closesARunnerThatAnswered503() {
        slot().answered(503, name -> null);

        assertThat(events).containsExactly(new Event.Closed(runner));
    }

    @Test
    void leavesAWellRunnerOpen() {
        RunnerSlot slot = slot();
        slot.answered(500, name -> null);
        slot.close();
        slot.close(false);

        assertThat(events).containsExactly(new Event.Freed(7));
        assertThat(fleet.suspected()).containsExactly(runner);
    }

    private RunnerSlot slot() {
        RunnerView view = fleet.find(runner).orElseThrow();
        return new RunnerSlot(7, UUID.randomUUID(), view, "/none", desk);
    }
}
