package mews.dispatch;

import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import mews.fleet.Fleet;
import mews.model.StopReason;

/// Passes on what slots learn: to the core, to the fleet, to the app.
final class SlotDesk implements RunnerSlot.Desk {
    private final Fleet fleet;
    private final CancelCalls cancels;
    private final OpenEnded openEnded;
    private final Paces paces;
    private final Consumer<Event> core;

    SlotDesk(
            Fleet fleet,
            CancelCalls cancels,
            OpenEnded openEnded,
            Paces paces,
            Consumer<Event> core) {
        this.fleet = fleet;
        this.cancels = cancels;
        this.openEnded = openEnded;
        this.paces = paces;
        this.core = core;
    }

    @Override
    public void freed(RunnerSlot slot) {
        paces.took(slot.runner().app(), slot.heldNanos());
        core.accept(new Event.Freed(slot.number()));
    }

    @Override
    public void reported(UUID runner, List<String> hints) {
        core.accept(new Event.Reported(runner, hints));
    }

    @Override
    public void fate(UUID runner, RunnerFate fate, String why) {
        if (fate.stop()) {
            // The fleet's news of it takes a moment, in which others would be sent to it.
            core.accept(new Event.Closed(runner));
            fleet.drain(runner, new StopReason(StopReason.Code.REQUEST_FAILED, why));
        }
        if (fate.suspect()) {
            fleet.suspect(runner);
        }
        if (fate.check()) {
            fleet.checkHealth(runner);
        }
    }

    @Override
    public void openEnded(UUID runner, OpenEnded.Call call) {
        openEnded.add(runner, call);
    }

    @Override
    public void ended(UUID runner, OpenEnded.Call call) {
        openEnded.remove(runner, call);
    }

    @Override
    public void cancel(RunnerSlot slot, String path) {
        cancels.call(slot, path);
    }
}
