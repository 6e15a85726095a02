package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import mews.dispatch.Demand;
import mews.model.Alias;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.queue.Queue;
import mews.scale.Coming;
import mews.scale.Load;
import org.jspecify.annotations.Nullable;

/// One app at one moment: its live runners sorted by what they are to the alias, and what is asked
/// of it.
///
/// @param current of the serving revision and generation, coming up or ready
/// @param upcoming of the next revision, coming up or ready
/// @param old of anything else, coming up or ready
record Snapshot(
        List<RunnerView> current, List<RunnerView> upcoming, List<RunnerView> old, Load load) {
    /// How long things took lately; zero where nothing is known.
    ///
    /// @param startup of a runner of the revision that serves
    /// @param service of a request
    record Pace(Duration startup, Duration service) {}

    static Snapshot of(
            Alias alias,
            List<RunnerView> live,
            Demand demand,
            Queue.@Nullable Depth depth,
            Pace pace) {
        List<RunnerView> current = new ArrayList<>();
        List<RunnerView> upcoming = new ArrayList<>();
        List<RunnerView> old = new ArrayList<>();
        for (RunnerView runner : live) {
            if (!counts(runner)) {
                continue;
            }
            if (isOf(runner, alias.serving(), alias.generation())) {
                current.add(runner);
            } else if (alias.next() != null && runner.revision().equals(alias.next())) {
                upcoming.add(runner);
            } else {
                old.add(runner);
            }
        }
        return new Snapshot(
                List.copyOf(current),
                List.copyOf(upcoming),
                List.copyOf(old),
                load(current, demand, depth, pace));
    }

    /// Whether an app has no runners, is asked for nothing, and wants none at rest.
    static boolean nothingToDecide(
            Alias alias, List<RunnerView> live, Demand demand, Queue.@Nullable Depth depth) {
        return live.isEmpty()
                && depth == null
                && demand.waiting().isEmpty()
                && demand.inFlight() == 0
                && alias.next() == null
                && alias.scale().minConcurrency() == 0
                && alias.scale().concurrencyBuffer() == 0;
    }

    List<RunnerView> readyCurrent() {
        return current.stream().filter(Snapshot::ready).toList();
    }

    static boolean ready(RunnerView runner) {
        return runner.state() instanceof RunnerState.Ready;
    }

    private static boolean counts(RunnerView runner) {
        return switch (runner.state()) {
            case RunnerState.Pending pending -> true;
            case RunnerState.Setup setup -> true;
            case RunnerState.Ready ready -> true;
            case RunnerState.Draining draining -> false;
            case RunnerState.Terminating terminating -> false;
            case RunnerState.Stopped stopped -> false;
        };
    }

    private static boolean isOf(RunnerView runner, UUID revision, int generation) {
        return runner.revision().equals(revision) && runner.generation() == generation;
    }

    private static Load load(
            List<RunnerView> current, Demand demand, Queue.@Nullable Depth depth, Pace pace) {
        List<Instant> waiting = new ArrayList<>(demand.waiting());
        int unseen = 0;
        if (depth != null) {
            waiting.addAll(depth.waiting());
            unseen = depth.size() - depth.waiting().size();
        }
        List<Instant> starting = new ArrayList<>();
        int busy = 0;
        List<Load.Idle> idle = new ArrayList<>();
        for (RunnerView runner : current) {
            if (!ready(runner)) {
                starting.add(runner.createdAt());
            } else if (runner.inFlight() > 0) {
                busy++;
            } else {
                Instant since =
                        runner.idleSince() == null ? runner.state().since() : runner.idleSince();
                idle.add(new Load.Idle(since, runner.everServed()));
            }
        }
        return new Load(
                demand.inFlight(),
                waiting,
                unseen,
                starting.size(),
                busy,
                idle,
                new Coming(starting, pace.startup(), pace.service()));
    }
}
