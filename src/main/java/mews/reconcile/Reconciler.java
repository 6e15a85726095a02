package mews.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
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
        this.starter = new Starter(aliases, environments, fleet, hosting, backoff, history, clock);
        this.loop = Loop.start("reconcile", TICK, this::step);
        listen(environments);
    }

    /// Looks at all apps soon.
    public void poke() {
        loop.poke();
    }

    @Override
    public void close() {
        loop.close();
    }

    private void listen(Environments environments) {
        environments.onChange(app -> loop.poke());
        routes.onChange(app -> loop.poke());
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
            case RunnerState.Ready ready -> backoff.succeeded(runner.revision());
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
                            depths.get(route.app()));
            reconcile(route, snapshot, now);
        }
        // Nobody will ever take what waits for an app that was deleted.
        depths.keySet().stream()
                .filter(app -> !routed.contains(app))
                .forEach(app -> queue.flush(app, now));
        live.forEach((app, runners) -> {
            if (!routed.contains(app)) {
                drainAll(runners, StopReason.Code.REMOVED);
            }
        });
    }

    private void reconcile(Route route, Snapshot snapshot, Instant now) {
        Alias alias = route.alias();
        if (!route.revision().spec().served()) {
            return;
        }
        if (alias.next() != null) {
            bringUp(alias, alias.next(), snapshot, now);
        }
        switch (Autoscaler.decide(alias.scale(), snapshot.load(), now)) {
            case Decision.Hold() -> {}
            case Decision.Start(int runners, String why) ->
                    starter.start(alias, route.revision(), runners, why, now);
            case Decision.Drain(int runners, boolean busyToo) ->
                    DrainOrder.pick(snapshot.readyCurrent(), runners, busyToo)
                            .forEach(id -> fleet.drain(id, StopReason.of(StopReason.Code.IDLE)));
        }
        retire(alias, snapshot, now);
    }

    /// One runner of the next revision first; it takes over when it is ready, and is given up when
    /// it fails.
    private void bringUp(Alias alias, UUID next, Snapshot snapshot, Instant now) {
        if (snapshot.upcoming().stream().anyMatch(Snapshot::ready)) {
            deployer.promote(alias.app(), next);
        } else if (snapshot.upcoming().isEmpty()) {
            if (backoff.until(next).isAfter(now)) {
                String reason = backoff.reason(next);
                backoff.forget(next);
                deployer.abandon(alias.app(), next, reason);
            } else {
                starter.startNext(alias, next, now);
            }
        }
    }

    /// Old runners go as new ones are ready to take their place, or at once when nobody needs them.
    private void retire(Alias alias, Snapshot snapshot, Instant now) {
        if (snapshot.old().isEmpty()) {
            return;
        }
        int ready = snapshot.readyCurrent().size();
        int wanted = Autoscaler.target(alias.scale(), snapshot.load(), now);
        int replaced = ready >= wanted ? snapshot.old().size() : ready;
        List<RunnerView> notReady =
                snapshot.old().stream().filter(runner -> !Snapshot.ready(runner)).toList();
        drainAll(notReady, StopReason.Code.REPLACED);
        List<RunnerView> serving = snapshot.old().stream().filter(Snapshot::ready).toList();
        DrainOrder.pick(serving, replaced, true)
                .forEach(id -> fleet.drain(id, StopReason.of(StopReason.Code.REPLACED)));
    }

    private void drainAll(List<RunnerView> runners, StopReason.Code code) {
        runners.forEach(runner -> fleet.drain(runner.id(), StopReason.of(code)));
    }
}
