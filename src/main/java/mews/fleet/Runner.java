package mews.fleet;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mews.model.RunnerState;
import mews.model.RunnerView;
import org.jspecify.annotations.Nullable;

/// One runner as the registry knows it: its state, what it serves, and what it has yet to react to.
/// Thread-safe; only its `RunnerLife` changes the state.
final class Runner {
    private final UUID id;
    private final RunnerOrder order;
    private final Instant createdAt;
    private final String isolation;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private RunnerState state;
    private int inFlight;
    private @Nullable Instant idleSince;
    private boolean everServed;
    private String started = "";
    private volatile @Nullable HealthWatch health;
    private volatile @Nullable RunnerProcess process;

    Runner(UUID id, RunnerOrder order, String isolation, Instant now) {
        this.id = id;
        this.order = order;
        this.createdAt = now;
        this.isolation = isolation;
        this.state = new RunnerState.Pending(now);
    }

    UUID id() {
        return id;
    }

    RunnerOrder order() {
        return order;
    }

    Instant createdAt() {
        return createdAt;
    }

    /// Whether it can get requests at all.
    boolean served() {
        return order.revision().spec().served();
    }

    synchronized RunnerState state() {
        return state;
    }

    synchronized int inFlight() {
        return inFlight;
    }

    synchronized RunnerView view() {
        return new RunnerView(
                id,
                order.revision().app(),
                order.revision().id(),
                order.generation(),
                order.machine().name(),
                state,
                createdAt,
                // Without a server there is nothing to send a request to.
                served() ? order.slots() : 0,
                inFlight,
                idleSince,
                everServed,
                isolation,
                started);
    }

    synchronized RunnerView enter(RunnerState next) {
        state = next;
        idleSince = next instanceof RunnerState.Ready && inFlight == 0 ? next.since() : null;
        return view();
    }

    synchronized void started(Way way) {
        started = way.listed();
    }

    synchronized void inFlight(int requests, Instant now) {
        inFlight = requests;
        everServed |= requests > 0;
        if (requests > 0) {
            idleSince = null;
        } else if (state instanceof RunnerState.Ready && idleSince == null) {
            idleSince = now;
        } else if (state instanceof RunnerState.Draining) {
            post(new Event.Quiet());
        }
    }

    void post(Event event) {
        events.add(event);
    }

    /// What was said of a process that is gone.
    void forgetProcess() {
        events.removeIf(Runner::ofProcess);
    }

    /// Whether it is about what one process does.
    static boolean ofProcess(@Nullable Event event) {
        return event instanceof Event.Said
                || event instanceof Event.Well
                || event instanceof Event.Unwell
                || event instanceof Event.Sick;
    }

    /// @param patience longest wait; null = forever
    /// @return null if nothing happened in time
    @Nullable Event next(@Nullable Duration patience) throws InterruptedException {
        return patience == null
                ? events.take()
                : events.poll(Math.max(0, patience.toNanos()), TimeUnit.NANOSECONDS);
    }

    /// From now on it is asked at its socket whether it is well.
    void watch(Path endpoint, InstantSource clock) {
        HealthWatch watch =
                new HealthWatch(
                        endpoint,
                        order.revision().spec().healthCheck(),
                        createdAt,
                        this::post,
                        () -> inFlight() > 0,
                        clock,
                        HealthWatch.INTERVAL);
        health = watch;
        watch.start(id.toString());
    }

    /// @param now what it runs as, null once that ended
    void runsAs(@Nullable RunnerProcess now) {
        process = now;
    }

    @Nullable RunnerProcess process() {
        return process;
    }

    @Nullable HealthWatch health() {
        return health;
    }
}
