package mews.testing;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import mews.base.Ids;
import mews.fleet.Fleet;
import mews.fleet.FleetListener;
import mews.fleet.RunnerOrder;
import mews.model.AppName;
import mews.model.Endpoint;
import mews.model.Revision;
import mews.model.RunnerState;
import mews.model.RunnerTimeline;
import mews.model.RunnerView;
import mews.model.StopReason;

/// Runners without processes: their states move when a test says so. Stopping is at once.
public final class FakeFleet implements Fleet {
    public final Map<UUID, RunnerOrder> orders = new ConcurrentHashMap<>();
    public final List<Revision> warmed = new CopyOnWriteArrayList<>();
    private final Map<UUID, RunnerView> runners = new ConcurrentHashMap<>();
    private final List<FleetListener> listeners = new CopyOnWriteArrayList<>();

    @Override
    public UUID start(RunnerOrder order) {
        UUID id = Ids.next(Instant::now);
        Instant now = Instant.now();
        orders.put(id, order);
        become(
                new RunnerView(
                        id,
                        order.revision().app(),
                        order.revision().id(),
                        order.generation(),
                        order.machine().name(),
                        new RunnerState.Pending(now),
                        now,
                        order.slots(),
                        0,
                        null,
                        false,
                        "no isolation",
                        "plain"));
        return id;
    }

    @Override
    public void warm(Revision revision) {
        warmed.add(revision);
    }

    public void ready(UUID id) {
        become(with(id, new RunnerState.Ready(new Endpoint("/none"), Instant.now()), 0));
        RunnerView view = runners.get(id);
        listeners.forEach(listener -> listener.ready(view));
    }

    public void stop(UUID id, StopReason reason) {
        become(with(id, new RunnerState.Stopped(reason, Instant.now()), 0));
        RunnerView view = runners.get(id);
        listeners.forEach(listener -> listener.stopped(view));
    }

    public Optional<UUID> of(AppName app) {
        return live().stream().filter(view -> view.app().equals(app)).map(RunnerView::id).findAny();
    }

    @Override
    public void drain(UUID runner, StopReason reason) {
        stop(runner, reason);
    }

    @Override
    public void kill(UUID runner, StopReason reason) {
        stop(runner, reason);
    }

    @Override
    public List<RunnerView> live() {
        return runners.values().stream().filter(view -> !over(view)).toList();
    }

    @Override
    public Optional<RunnerView> find(UUID runner) {
        return Optional.ofNullable(runners.get(runner)).filter(view -> !over(view));
    }

    @Override
    public List<RunnerView> ended(String account, Instant since) {
        return runners.values().stream()
                .filter(FakeFleet::over)
                .filter(view -> view.app().owner().equals(account))
                .filter(view -> !view.state().since().isBefore(since))
                .toList();
    }

    @Override
    public Optional<RunnerTimeline> timeline(UUID runner) {
        return Optional.ofNullable(runners.get(runner)).map(Timelines::of);
    }

    @Override
    public List<RunnerTimeline> timelines(AppName app, Instant from, Instant to) {
        return runners.values().stream()
                .filter(view -> view.app().equals(app))
                .map(Timelines::of)
                .toList();
    }

    @Override
    public void inFlight(UUID runner, int requests) {
        become(with(runner, runners.get(runner).state(), requests));
    }

    @Override
    public void listen(FleetListener listener) {
        listeners.add(listener);
    }

    private void become(RunnerView view) {
        runners.put(view.id(), view);
        listeners.forEach(listener -> listener.changed(view));
    }

    private RunnerView with(UUID id, RunnerState state, int inFlight) {
        RunnerView old = runners.get(id);
        return new RunnerView(
                old.id(),
                old.app(),
                old.revision(),
                old.generation(),
                old.machineType(),
                state,
                old.createdAt(),
                old.slots(),
                inFlight,
                inFlight == 0 ? Instant.now() : null,
                inFlight > 0,
                old.isolation(),
                old.started());
    }

    private static boolean over(RunnerView view) {
        return view.state() instanceof RunnerState.Stopped;
    }
}
