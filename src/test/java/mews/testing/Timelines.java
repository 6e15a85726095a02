package mews.testing;

import java.time.Instant;
import mews.model.RunnerState;
import mews.model.RunnerTimeline;
import mews.model.RunnerView;

/// What the table of runners would tell of a runner that only a test knows.
final class Timelines {
    private Timelines() {}

    static RunnerTimeline of(RunnerView view) {
        RunnerState state = view.state();
        Instant since = state.since();
        return new RunnerTimeline(
                view.id(),
                view.app(),
                view.revision(),
                view.generation(),
                view.machineType(),
                view.slots(),
                view.isolation(),
                view.createdAt(),
                state instanceof RunnerState.Setup ? since : null,
                state instanceof RunnerState.Ready ? since : null,
                state instanceof RunnerState.Draining ? since : null,
                state instanceof RunnerState.Terminating ? since : null,
                state instanceof RunnerState.Stopped ? since : null,
                state.leaving(),
                null,
                view.everServed());
    }
}
