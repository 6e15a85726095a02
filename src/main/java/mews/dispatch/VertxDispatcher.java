package mews.dispatch;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.base.Loop;
import mews.deploy.Routes;
import mews.dispatch.Event.Hint;
import mews.dispatch.KnownRunners.Known;
import mews.fleet.Fleet;
import mews.fleet.FleetListener;
import mews.history.History;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.Route;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.queue.Queue;
import mews.queue.Queue.Lease;
import org.jspecify.annotations.Nullable;

/// The dispatcher around its core: brings events in one by one, carries actions out in order.
public final class VertxDispatcher implements Dispatcher {
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Duration LAST_REQUESTS = Duration.ofSeconds(10);
    private static final long TICK_MILLIS = 100;

    private final Vertx vertx;
    private final Fleet fleet;
    private final Queue queue;
    private final Routes routes;
    private final InstantSource clock;
    private final Turnstile turnstile = new Turnstile();
    private final DispatchCore core = new DispatchCore();
    private final Paces paces;
    private final KnownRunners known;
    private final QueueRunner queued;
    private final Callers callers;
    private final SlotDesk desk;
    private final Claims claims;
    private final Set<AppName> changed = ConcurrentHashMap.newKeySet();
    private final List<Consumer<AppName>> listeners = new CopyOnWriteArrayList<>();
    private final long timer;
    private final Loop poll;
    private volatile boolean closing;

    private VertxDispatcher(
            Vertx vertx,
            Fleet fleet,
            Queue queue,
            Routes routes,
            RunnerClient client,
            History history,
            Duration streamDrain,
            InstantSource clock) {
        this.vertx = vertx;
        this.fleet = fleet;
        this.queue = queue;
        this.routes = routes;
        this.clock = clock;
        this.known = new KnownRunners(fleet);
        this.paces = new Paces(routes);
        OpenEnded openEnded = new OpenEnded(vertx, streamDrain);
        fleet.listen(openEnded);
        this.desk = new SlotDesk(fleet, new CancelCalls(client), openEnded, paces, this::on);
        this.queued = new QueueRunner(queue, routes, client, history, clock, known);
        this.claims = new Claims(queue, clock);
        this.callers = new Callers(vertx, history, clock);
        listen();
        routes.all().forEach(route -> serving(route.app()));
        fleet.live().forEach(this::opened);
        this.timer = vertx.setPeriodic(TICK_MILLIS, tick -> tick());
        this.poll =
                Loop.start(
                        "dispatch",
                        POLL,
                        () -> queue.depths(clock.instant()).keySet().forEach(this::work));
    }

    /// Begins to give out what runners and queue have. Expects `routes` to be filled.
    ///
    /// @param streamDrain how long a draining runner waits for websockets and streams
    public static VertxDispatcher start(
            Vertx vertx,
            Fleet fleet,
            Queue queue,
            Routes routes,
            RunnerClient client,
            History history,
            Duration streamDrain,
            InstantSource clock) {
        return new VertxDispatcher(
                vertx, fleet, queue, routes, client, history, streamDrain, clock);
    }

    private void listen() {
        fleet.listen(
                new FleetListener() {
                    @Override
                    public void changed(RunnerView runner) {
                        known.changed(runner);
                    }

                    @Override
                    public void ready(RunnerView runner) {
                        opened(runner);
                    }

                    @Override
                    public void draining(RunnerView runner) {
                        // The fleet counts on it that nothing new reaches the runner from here on.
                        turnstile.runAndWait(() -> apply(new Event.Closed(runner.id())));
                    }

                    @Override
                    public void stopped(RunnerView runner) {
                        known.changed(runner);
                        on(new Event.Gone(runner.id()));
                    }
                });
        routes.onChange(this::serving);
        queue.onWork(this::work);
        queue.onCancel(queued::cancel);
    }

    @Override
    public Future<Slot> admit(Route route, UUID request, Instant deadline, @Nullable String hint) {
        Instant now = clock.instant();
        Future<Slot> slot = callers.add(request, route.app(), now);
        if (closing) {
            callers.refuseAtStop(request);
        } else {
            on(new Event.Admit(request, route.app(), now, deadline, hint));
        }
        return slot;
    }

    @Override
    public void abandon(UUID request) {
        if (callers.remove(request)) {
            on(new Event.Abandon(request));
        }
    }

    @Override
    public Map<AppName, Demand> demands() {
        synchronized (core) {
            return core.demands();
        }
    }

    @Override
    public Duration longestRecent(AppName app) {
        return paces.longest(app);
    }

    @Override
    public void onDemand(Consumer<AppName> listener) {
        listeners.add(listener);
    }

    /// Takes no new work, lets queued requests that run finish for a while, gives the others back.
    @Override
    public void close() {
        closing = true;
        vertx.cancelTimer(timer);
        poll.close();
        callers.close();
        queued.stop(LAST_REQUESTS);
    }

    private void opened(RunnerView runner) {
        if (runner.state() instanceof RunnerState.Ready) {
            known.changed(runner);
            on(new Event.Opened(runner.id(), runner.app(), runner.revision(), runner.slots()));
            work(runner.app());
        }
    }

    private void serving(AppName app) {
        turnstile.run(() -> {
            Route route = routes.find(app);
            UUID revision = route == null ? null : route.revision().id();
            apply(new Event.Serving(app, revision));
        });
        work(app);
    }

    /// The count is read when the event's turn comes, so that an old one never hides a newer.
    private void work(AppName app) {
        turnstile.run(() -> apply(new Event.Work(app, leasable(app))));
    }

    private int leasable(AppName app) {
        return closing ? 0 : queue.leasable(app, clock.instant());
    }

    private void tick() {
        Instant now = clock.instant();
        turnstile.run(() -> {
            if (core.anyoneWaits()) {
                apply(new Event.Tick(now));
            }
        });
        changed.removeIf(app -> {
            tell(app);
            return true;
        });
    }

    private void on(Event event) {
        turnstile.run(() -> apply(event));
    }

    /// Only inside the turnstile.
    private void apply(Event event) {
        List<Action> actions;
        synchronized (core) {
            actions = core.on(event);
        }
        for (Action action : actions) {
            switch (action) {
                case Action.Admitted(UUID request, long slot, UUID runner) ->
                        admitted(request, slot, runner);
                case Action.Refused(UUID request, ErrorType why) -> callers.refused(request, why);
                case Action.Waits(UUID request, int runners) -> callers.waits(request, runners);
                case Action.Claim(AppName app, int most) -> claim(app, most);
                case Action.Run(AppName app, int index, long slot, UUID runner) ->
                        run(claims.get(app, index), slot, runner);
                case Action.GiveBack(AppName app, int index) ->
                        queued.giveBack(claims.get(app, index));
                case Action.Busy(UUID runner, int inFlight) -> fleet.inFlight(runner, inFlight);
                case Action.Demanded(AppName app, boolean waiting) -> demanded(app, waiting);
            }
        }
    }

    private void admitted(UUID request, long number, UUID runner) {
        RunnerSlot slot = slot(number, request, runner);
        if (slot == null || !callers.admitted(request, slot)) {
            on(new Event.Freed(number));
        }
    }

    private void run(Lease lease, long number, UUID runner) {
        RunnerSlot slot = slot(number, lease.id(), runner);
        if (slot == null) {
            on(new Event.Freed(number));
            queued.giveBack(lease);
        } else {
            queued.start(lease, slot);
        }
    }

    /// @return null if the runner went this very moment
    private @Nullable RunnerSlot slot(long number, UUID request, UUID runner) {
        Known found = known.find(runner);
        return found == null
                ? null
                : new RunnerSlot(number, request, found.view(), found.socketPath(), desk);
    }

    private void claim(AppName app, int most) {
        claims.start(
                app,
                most,
                leases -> {
                    List<Hint> hints =
                            leases.stream().map(lease -> new Hint(lease.request().hint())).toList();
                    turnstile.run(() -> {
                        claims.put(app, leases);
                        apply(new Event.Claimed(app, hints, leasable(app)));
                    });
                });
    }

    /// Whoever scales hears of waiting callers at once and of the rest ten times a second.
    private void demanded(AppName app, boolean waiting) {
        if (waiting) {
            tell(app);
        } else {
            changed.add(app);
        }
    }

    private void tell(AppName app) {
        listeners.forEach(listener -> listener.accept(app));
    }
}
