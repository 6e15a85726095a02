package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import mews.base.Loop;
import mews.deploy.Aliases;
import mews.deploy.Deployer;
import mews.deploy.Environments;
import mews.deploy.Routes;
import mews.dispatch.Demand;
import mews.dispatch.Dispatcher;
import mews.fleet.Fleet;
import mews.fleet.FleetListener;
import mews.history.History;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Route;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.queue.Queue;
import mews.scale.Autoscaler;
import mews.scale.Decision;
import mews.scale.Standing;
import org.jspecify.annotations.Nullable;

/// Brings the runners of every alias to what its policy, its demand and its revision ask for: at
/// once when something changed, and at least each second.
public final class Reconciler implements AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    private final Routes routes;
    private final Deployer deployer;
    private final Fleet fleet;
    private final Queue queue;
    private final Dispatcher dispatcher;
    private final Starter starter;
    private final InstantSource clock;
    private final StartBackoff backoff = new StartBackoff();
    private final RoomWaits rooms = new RoomWaits();
    private final StartTimes startTimes = new StartTimes();
    private final Diary diary;
    private final Leavers leavers;
    private final Set<AppName> changed = ConcurrentHashMap.newKeySet();
    private final Loop loop;

    /// Starts at once.
    public Reconciler(
            Routes routes,
            Aliases aliases,
            Deployer deployer,
            Environments environments,
            Fleet fleet,
            Queue queue,
            Dispatcher dispatcher,
            History history,
            Hosting hosting,
            InstantSource clock) {
        this.routes = routes;
        this.deployer = deployer;
        this.fleet = fleet;
        this.queue = queue;
        this.dispatcher = dispatcher;
        this.clock = clock;
        this.diary = new Diary(history, clock);
        this.leavers = new Leavers(fleet);
        this.starter = new Starter(aliases, environments, fleet, hosting, backoff, rooms, diary);
        changed.addAll(Remembered.of(routes.all()));
        this.loop = Loop.start("reconcile", TICK, this::step);
        listen(environments);
    }

    /// Looks at all apps soon.
    public void poke() {
        loop.poke();
    }

    /// What an app has and asks for now.
    ///
    /// @return empty if there is no such app
    public Optional<Standing> standing(AppName app) {
        Route route = routes.find(app);
        if (route == null) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        List<RunnerView> live =
                fleet.live().stream()
                        .filter(runner -> runner.slots() > 0 && runner.app().equals(app))
                        .toList();
        Snapshot snapshot =
                Snapshot.of(
                        route.alias(),
                        live,
                        dispatcher.demands().getOrDefault(app, Demand.NONE),
                        queue.depths(now).get(app),
                        pace(route.alias()));
        int known = snapshot.current().size() + snapshot.upcoming().size() + snapshot.old().size();
        return Optional.of(
                new Standing(
                        route.alias(),
                        snapshot.load(),
                        snapshot.upcoming().size(),
                        snapshot.old().size(),
                        live.size() - known,
                        diary.holdup(app),
                        now));
    }

    @Override
    public void close() {
        loop.close();
    }

    private void listen(Environments environments) {
        environments.onChange(app -> loop.poke());
        routes.onChange(app -> {
            changed.add(app);
            loop.poke();
        });
        queue.onWork(app -> loop.poke());
        dispatcher.onDemand(app -> loop.poke());
        fleet.listen(
                new FleetListener() {
                    @Override
                    public void changed(RunnerView runner) {
                        learn(runner);
                        loop.poke();
                    }
                });
    }

    /// Keeps the backoff true. Runs on the fleet's thread, so that no failure is missed between two
    /// looks.
    private void learn(RunnerView runner) {
        switch (runner.state()) {
            case RunnerState.Ready ready -> {
                backoff.succeeded(runner.revision());
                startTimes.took(
                        runner.revision(), Duration.between(runner.createdAt(), ready.since()));
            }
            case RunnerState.Stopped(StopReason reason, Instant since) -> {
                rooms.runnerEnded();
                if (reason.startFailure() && !runner.everServed()) {
                    backoff.failed(runner.revision(), reason.detail(), clock.instant());
                }
            }
            case RunnerState.Pending pending -> {}
            case RunnerState.Setup setup -> {}
            case RunnerState.Draining draining -> {}
            case RunnerState.Terminating terminating -> {}
        }
    }

    private Snapshot.Pace pace(Alias alias) {
        return new Snapshot.Pace(
                startTimes.longest(alias.serving()), dispatcher.longestRecent(alias.app()));
    }

    private void step() {
        Instant now = clock.instant();
        queue.expire(now);
        Map<AppName, List<RunnerView>> live =
                fleet.live().stream()
                        .filter(runner -> runner.slots() > 0)
                        .collect(Collectors.groupingBy(RunnerView::app));
        Map<AppName, Demand> demands = dispatcher.demands();
        Map<AppName, Queue.Depth> depths = queue.depths(now);
        Set<AppName> routed = new HashSet<>();
        for (Route route : routes.all()) {
            AppName app = route.app();
            routed.add(app);
            List<RunnerView> runners = live.getOrDefault(app, List.of());
            Demand demand = demands.getOrDefault(app, Demand.NONE);
            Queue.Depth depth = depths.get(app);
            if (calm(route.alias(), runners, demand, depth)) {
                leavers.forget(app);
                continue;
            }
            Snapshot snapshot =
                    Snapshot.of(route.alias(), runners, demand, depth, pace(route.alias()));
            reconcile(route, snapshot, now);
        }
        // Nobody will ever take what waits for an app that was deleted. Workflows have no route;
        // whoever takes up their runs finds out about deleted ones.
        depths.keySet().stream()
                .filter(app -> !routed.contains(app) && !app.isWorkflow())
                .forEach(app -> queue.flush(app, now));
        live.forEach((app, runners) -> {
            if (!routed.contains(app)) {
                leavers.removed(app, runners);
                diary.forget(app);
            }
        });
    }

    /// Of a thousand apps nearly all are like this, so that looking at them must cost next to
    /// nothing.
    private boolean calm(
            Alias alias, List<RunnerView> runners, Demand demand, Queue.@Nullable Depth depth) {
        return Snapshot.nothingToDecide(alias, runners, demand, depth)
                && !changed.contains(alias.app())
                && diary.hasNothingToAdd(alias);
    }

    private void reconcile(Route route, Snapshot snapshot, Instant now) {
        Alias alias = route.alias();
        if (!route.revision().spec().served()) {
            return;
        }
        diary.runsWith(alias);
        if (changed.remove(alias.app())) {
            rooms.forget(route.revision().id());
            fleet.warm(route.revision());
        }
        if (alias.next() != null) {
            bringUp(alias, alias.next(), snapshot, now);
        }
        switch (Autoscaler.decide(alias.scale(), snapshot.load(), now)) {
            case Decision.Hold() -> settle(alias);
            case Decision.Start(int runners, String why) ->
                    starter.start(alias, route.revision(), runners, why, now);
            case Decision.Drain(int runners, boolean busyToo) -> {
                settle(alias);
                leavers.shrink(alias, snapshot, runners, busyToo, now);
            }
        }
        leavers.giveUp(alias, snapshot, now);
        leavers.retire(alias, snapshot, now);
    }

    /// As many as wanted: what kept others from being started no longer matters.
    private void settle(Alias alias) {
        if (alias.next() == null) {
            diary.free(alias.app());
        }
    }

    /// One runner of the next revision first; it takes over when it is ready, and is given up when
    /// it fails.
    private void bringUp(Alias alias, UUID next, Snapshot snapshot, Instant now) {
        if (snapshot.upcoming().stream().anyMatch(Snapshot::ready)) {
            deployer.promote(alias.app(), next);
            diary.promoted(alias.app(), next);
        } else if (snapshot.upcoming().isEmpty()) {
            if (backoff.until(next).isAfter(now)) {
                String reason = backoff.reason(next);
                backoff.forget(next);
                deployer.abandon(alias.app(), next, reason);
                diary.abandoned(alias.app(), next, reason);
                diary.free(alias.app());
            } else {
                starter.startNext(alias, next, now);
            }
        }
    }
}
