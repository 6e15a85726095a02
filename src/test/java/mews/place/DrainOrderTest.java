package mews.place;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.model.AppName;
import mews.model.Endpoint;
import mews.model.RunnerState;
import mews.model.RunnerView;
import org.junit.jupiter.api.Test;

class DrainOrderTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private final RunnerView busy = runner(3, 2, 0);
    private final RunnerView lessBusy = runner(4, 1, 0);
    private final RunnerView idleLong = runner(1, 0, 90);
    private final RunnerView idleShort = runner(2, 0, 30);

    @Test
    void takesTheLongestIdleFirstThenTheLeastBusy() {
        List<RunnerView> all = List.of(busy, idleShort, lessBusy, idleLong);
        assertThat(DrainOrder.pick(all, 3, true))
                .containsExactly(idleLong.id(), idleShort.id(), lessBusy.id());
    }

    @Test
    void leavesBusyRunnersAloneUnlessAskedTo() {
        assertThat(DrainOrder.pick(List.of(busy, idleShort), 2, false))
                .containsExactly(idleShort.id());
    }

    private static RunnerView runner(int number, int inFlight, int idleSeconds) {
        return new RunnerView(
                new UUID(0, number),
                new AppName("local", "a"),
                new UUID(1, 1),
                0,
                "S",
                new RunnerState.Ready(new Endpoint("socket"), NOW),
                NOW,
                4,
                inFlight,
                inFlight == 0 ? NOW.minusSeconds(idleSeconds) : null,
                true,
                "none",
                "plain");
    }
}
