package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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
import mews.place.DrainOrder;
import mews.queue.Queue;
import mews.scale.Autoscaler;
import mews.scale.Decision;
import mews.scale.Standing;

/// Brings the runners of every alias to what its policy, its demand and its revision ask for: at
/// once when something changed, and at least each second.
public final class Reconciler implements AutoCloseable {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final StopReason REPLACED =
            new StopReason(
                    StopReason.Code.REPLACED,
                    "runners of a newer revision or rollout take its place");

    private final Routes routes;
    private final Deployer deployer;
    private final Fleet fleet;
    private final Queue queue;
    private final Dispatcher dispatcher;
    private final Starter starter;
    private final InstantSource clock;
    private final StartBackoff backoff = new StartBackoff();
    private final StartTimes startTimes = new StartTimes();
    private final Diary diary;
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
        this.starter = new Starter(aliases, environments, fleet, hosting, backoff, diary);
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
            routed.add(route.app());
            Snapshot snapshot =
                    Snapshot.of(
                            route.alias(),
                            live.getOrDefault(route.app(), List.of()),
                            demands.getOrDefault(route.app(), Demand.NONE),
                            depths.get(route.app()),
                            pace(route.alias()));
            reconcile(route, snapshot, now);
        }
        // Nobody will ever take what waits for an app that was deleted.
        depths.keySet().stream()
                .filter(app -> !routed.contains(app))
                .forEach(app -> queue.flush(app, now));
        live.forEach((app, runners) -> {
            if (!routed.contains(app)) {
                drainAll(runners, StopReason.Code.REMOVED);
                diary.forget(app);
            }
        });
    }

    private void reconcile(Route route, Snapshot snapshot, Instant now) {
        Alias alias = route.alias();
        if (!route.revision().spec().served()) {
            return;
        }
        diary.runsWith(alias);
        if (changed.remove(alias.app())) {
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
                shrink(alias, snapshot, runners, busyToo, now);
            }
        }
        retire(alias, snapshot, now);
    }

    /// As many as wanted: what kept others from being started no longer matters.
    private void settle(Alias alias) {
        if (alias.next() == null) {
            diary.free(alias.app());
        }
    }

    private void shrink(Alias alias, Snapshot snapshot, int runners, boolean busyToo, Instant now) {
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

    /// Runners of another revision get no requests any more, so they go at once. Those of an
    /// earlier rollout still do: as many stay as new ones are not ready yet.
    private void retire(Alias alias, Snapshot snapshot, Instant now) {
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

    private void drainAll(List<RunnerView> runners, StopReason.Code code) {
        runners.forEach(runner -> fleet.drain(runner.id(), StopReason.of(code)));
    }
}
