package mews.testing;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import mews.fleet.Fleet;
import mews.fleet.FleetListener;
import mews.fleet.RunnerOrder;
import mews.model.AppName;
import mews.model.Endpoint;
import mews.model.RunnerState;
import mews.model.RunnerTimeline;
import mews.model.RunnerView;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;

/// Runners that are ready when the test says so, and go when they are told to.
public final class ManualFleet implements Fleet {
    private final Map<UUID, RunnerView> runners = new ConcurrentHashMap<>();
    private final Map<UUID, Integer> inFlight = new ConcurrentHashMap<>();
    private final Map<UUID, StopReason> ended = new ConcurrentHashMap<>();
    private final List<UUID> suspected = new CopyOnWriteArrayList<>();
    private final List<FleetListener> listeners = new CopyOnWriteArrayList<>();

    /// A runner of that revision listens there from now on.
    public UUID ready(AppName app, UUID revision, int slots, String socketPath) {
        UUID id = UUID.randomUUID();
        Instant now = Instant.now();
        RunnerState state = new RunnerState.Ready(new Endpoint(socketPath), now);
        RunnerView view =
                new RunnerView(
                        id, app, revision, 1, "S", state, now, slots, 0, now, false, "none",
                        "plain");
        runners.put(id, view);
        listeners.forEach(listener -> listener.changed(view));
        listeners.forEach(listener -> listener.ready(view));
        return id;
    }

    /// It goes at once, for that reason.
    public void stop(UUID runner, StopReason reason) {
        RunnerView view = runners.remove(runner);
        if (view != null) {
            ended.put(runner, reason);
            RunnerState state = new RunnerState.Stopped(reason, Instant.now());
            RunnerView stopped =
                    new RunnerView(
                            runner,
                            view.app(),
                            view.revision(),
                            view.generation(),
                            view.machineType(),
                            state,
                            view.createdAt(),
                            view.slots(),
                            0,
                            null,
                            true,
                            "none",
                            "plain");
            listeners.forEach(listener -> listener.draining(stopped));
            listeners.forEach(listener -> listener.changed(stopped));
            listeners.forEach(listener -> listener.stopped(stopped));
        }
    }

    /// It takes nothing new but stays, until `terminate` or `stop`.
    public void beginDrain(UUID runner, StopReason reason) {
        Instant now = Instant.now();
        RunnerView view =
                runners.compute(
                        runner,
                        (id, known) -> {
                            RunnerState.Ready ready = (RunnerState.Ready) known.state();
                            return in(known, ready.drain(reason, now.plusSeconds(60), now));
                        });
        listeners.forEach(listener -> listener.changed(view));
        listeners.forEach(listener -> listener.draining(view));
    }

    /// Its drain is over, whatever it still does.
    public void terminate(UUID runner) {
        Instant now = Instant.now();
        RunnerView view =
                runners.compute(
                        runner,
                        (id, known) -> {
                            StopReason reason = known.state().leaving();
                            return in(known, new RunnerState.Terminating(reason, now, now));
                        });
        listeners.forEach(listener -> listener.changed(view));
    }

    private static RunnerView in(RunnerView view, RunnerState state) {
        return new RunnerView(
                view.id(),
                view.app(),
                view.revision(),
                view.generation(),
                view.machineType(),
                state,
                view.createdAt(),
                view.slots(),
                view.inFlight(),
                view.idleSince(),
                view.everServed(),
                view.isolation(),
                view.started());
    }

    /// Why it was told to go; null if it was not.
    public @Nullable StopReason ending(UUID runner) {
        return ended.get(runner);
    }

    public int inFlightOf(UUID runner) {
        return inFlight.getOrDefault(runner, 0);
    }

    public List<UUID> suspected() {
        return List.copyOf(suspected);
    }

    @Override
    public UUID start(RunnerOrder order) {
        throw new UnsupportedOperationException("the test decides which runners there are");
    }

    @Override
    public void drain(UUID runner, StopReason reason) {
        RunnerView view = runners.get(runner);
        if (view != null && view.state().leaving() != null) {
            return;
        }
        // News comes on a thread of its own, as from the true one.
        Thread.ofVirtual().start(() -> stop(runner, reason));
    }

    @Override
    public void kill(UUID runner, StopReason reason) {
        drain(runner, reason);
    }

    @Override
    public void suspect(UUID runner) {
        suspected.add(runner);
    }

    @Override
    public List<RunnerView> live() {
        return List.copyOf(runners.values());
    }

    @Override
    public Optional<RunnerView> find(UUID runner) {
        return Optional.ofNullable(runners.get(runner));
    }

    @Override
    public List<RunnerView> ended(String account, Instant since) {
        return List.of();
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
        inFlight.put(runner, requests);
    }

    @Override
    public void listen(FleetListener listener) {
        listeners.add(listener);
    }
}
