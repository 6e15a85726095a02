package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import mews.fleet.Fleet;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.place.DrainOrder;
import mews.scale.Autoscaler;

/// Which runners of an app go, and what they are told. For one thread.
final class Leavers {
    private static final StopReason REPLACED =
            new StopReason(
                    StopReason.Code.REPLACED,
                    "runners of a newer revision or rollout take its place");
    private static final StopReason NEEDLESS =
            new StopReason(
                    StopReason.Code.IDLE,
                    "given up before it was ready: other runners served what it was started for");

    private final Fleet fleet;
    private final Needless needless = new Needless();

    Leavers(Fleet fleet) {
        this.fleet = fleet;
    }

    /// Runners that idled for long enough, or are beyond the maximum.
    void shrink(Alias alias, Snapshot snapshot, int runners, boolean busyToo, Instant now) {
        int wanted = Autoscaler.target(alias.scale(), snapshot.load(), now);
        String why =
                busyToo
                        ? "%d ready runners, max_concurrency is %d"
                                .formatted(
                                        snapshot.readyCurrent().size(),
                                        alias.scale().maxConcurrency())
                        : "idle for longer than it may be (keep_alive is %d s), %d of %d runners wanted"
                                .formatted(
                                        alias.scale().keepAlive().toSeconds(),
                                        wanted,
                                        snapshot.load().runners());
        DrainOrder.pick(snapshot.readyCurrent(), runners, busyToo)
                .forEach(id -> fleet.drain(id, new StopReason(StopReason.Code.IDLE, why)));
    }

    /// Starts that nobody needs any more.
    void giveUp(Alias alias, Snapshot snapshot, Instant now) {
        int surplus =
                snapshot.load().runners()
                        - Autoscaler.target(alias.scale(), snapshot.load(), now)
                        - snapshot.load().idle().size();
        Duration patience = Autoscaler.patienceWithStarts(alias.scale());
        needless.of(alias.app(), snapshot, surplus, patience, now)
                .forEach(id -> fleet.drain(id, NEEDLESS));
    }

    /// Runners of another revision get no requests any more, so they go at once. Those of an
    /// earlier rollout still do: as many stay as new ones are not ready yet.
    void retire(Alias alias, Snapshot snapshot, Instant now) {
        if (snapshot.old().isEmpty()) {
            return;
        }
        int wanted = Autoscaler.target(alias.scale(), snapshot.load(), now);
        int needed = Math.max(0, wanted - snapshot.readyCurrent().size());
        List<RunnerView> useful = new ArrayList<>();
        for (RunnerView runner : snapshot.old()) {
            if (Snapshot.ready(runner) && runner.revision().equals(alias.serving())) {
                useful.add(runner);
            } else {
                fleet.drain(runner.id(), REPLACED);
            }
        }
        DrainOrder.pick(useful, Math.max(0, useful.size() - needed), true)
                .forEach(id -> fleet.drain(id, REPLACED));
    }

    /// Nothing of the app runs.
    void forget(AppName app) {
        needless.forget(app);
    }

    /// Those of an app that is gone.
    void removed(AppName app, List<RunnerView> runners) {
        runners.forEach(runner -> fleet.drain(runner.id(), StopReason.of(StopReason.Code.REMOVED)));
        needless.forget(app);
    }
}
