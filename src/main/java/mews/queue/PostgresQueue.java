package mews.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import mews.base.Home;
import mews.base.Loop;
import mews.base.Seal;
import mews.history.History;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.Fact;
import mews.model.RetryCondition;
import mews.queue.LineKeeper.Ended;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// The queue in PostgreSQL. Submits and completions share commits; whatever changes who waits is
/// done one at a time by `LineKeeper`.
public final class PostgresQueue implements Queue, AutoCloseable {
    private static final Duration CARE_INTERVAL = Duration.ofMillis(500);

    private final Database database;
    private final History history;
    private final InstantSource clock;
    private final LineKeeper keeper;
    private final Reader reader;
    private final Housekeeping housekeeping;
    private final News news = new News();
    private final Intake intake;
    private final Outlet outlet;
    private @Nullable Loop care;

    private PostgresQueue(
            Database database,
            Home home,
            Seal seal,
            History history,
            InstantSource clock,
            Retention retention) {
        this.database = database;
        this.history = history;
        this.clock = clock;
        Codec codec = new Codec(seal);
        Overflow overflow = new Overflow(home.root().resolve("queue"));
        this.keeper = new LineKeeper(database, codec, overflow, retention);
        this.reader = new Reader(database, codec, overflow, keeper.lines());
        this.housekeeping = new Housekeeping(database, overflow, clock);
        this.intake = new Intake(keeper, codec, overflow);
        this.outlet = new Outlet(database, codec, overflow, retention);
    }

    /// Reads who waits, and begins the housekeeping that needs no caller: backoffs that end, start
    /// deadlines, retention.
    public static PostgresQueue open(
            Database database,
            Home home,
            Seal seal,
            History history,
            InstantSource clock,
            Retention retention) {
        PostgresQueue queue = new PostgresQueue(database, home, seal, history, clock, retention);
        queue.keeper.load();
        queue.housekeeping.deleteStrayFiles();
        queue.intake.start();
        queue.outlet.start();
        queue.care = Loop.start("queue-care", CARE_INTERVAL, queue::careOnce);
        return queue;
    }

    private void careOnce() {
        Instant now = clock.instant();
        keeper.recover();
        keeper.lines().release(now).forEach(news::work);
        expire(now);
        housekeeping.sweepNowAndThen();
    }

    /// Finishes what was handed over.
    @Override
    public void close() {
        if (care != null) {
            care.close();
        }
        intake.close();
        outlet.close();
    }

    @Override
    public int submit(NewRequest request, @Nullable Integer maxLength) {
        int position = intake.submit(request, maxLength);
        Map<String, String> details =
                Map.of(
                        "priority", request.priority().name().toLowerCase(Locale.ROOT),
                        "position", Integer.toString(position));
        say(request.submittedAt(), request.id(), request.app(), "queued", details);
        news.work(request.app());
        return position;
    }

    @Override
    public Optional<View> find(UUID id) {
        return reader.find(id);
    }

    @Override
    public Optional<Result> result(UUID id) {
        return reader.result(id);
    }

    @Override
    public Cancelled cancel(UUID id, Instant now) {
        Optional<Ended> removed = keeper.endWaiting(id, Endings.CANCELLED, now);
        if (removed.isPresent()) {
            ended(removed.get(), "cancelled", now);
            return Cancelled.REMOVED;
        }
        List<AppName> marked =
                database.list(
                        "update request set cancel_requested = true where id = ? and state = 1"
                                + " returning owner, alias",
                        (row, context) -> Rows.app(row),
                        id);
        if (marked.isEmpty()) {
            return reader.exists(id) ? Cancelled.ALREADY_COMPLETED : Cancelled.NOT_FOUND;
        }
        say(now, id, marked.getFirst(), "cancel_requested", Map.of());
        news.cancel(id);
        return Cancelled.SIGNALLED;
    }

    @Override
    public boolean cancelRequested(UUID id) {
        return reader.cancelRequested(id);
    }

    @Override
    public List<Lease> lease(AppName app, int most, Instant now) {
        List<Lease> leases = keeper.lease(app, most, now);
        for (Lease lease : leases) {
            Map<String, String> details = Map.of("attempt", Integer.toString(lease.attempt()));
            say(now, lease.id(), app, "leased", details);
            news.changed(lease.id());
        }
        return leases;
    }

    @Override
    public boolean complete(Lease lease, Result result, @Nullable UUID runner, Instant now) {
        boolean stored = outlet.complete(lease, result, runner, now);
        keeper.settled(lease);
        Map<String, String> details = new HashMap<>();
        details.put("status", Integer.toString(result.status()));
        details.put("attempt", Integer.toString(lease.attempt()));
        ErrorType error = result.error();
        if (error != null) {
            details.put("error_type", error.wireName());
        }
        String event = stored ? "completed" : "result_dropped";
        say(now, lease.id(), lease.request().app(), event, details);
        news.changed(lease.id());
        return stored;
    }

    @Override
    public boolean retry(
            Lease lease,
            @Nullable RetryCondition condition,
            Instant notBefore,
            ErrorType why,
            String detail) {
        Map<String, String> details =
                Map.of(
                        "attempt", Integer.toString(lease.attempt()),
                        "error_type", why.wireName(),
                        "detail", detail,
                        "not_before", notBefore.toString());
        return back(lease, keeper.retry(lease, condition, notBefore), "retried", details);
    }

    @Override
    public boolean release(Lease lease) {
        return back(lease, keeper.release(lease), "released", Map.of());
    }

    private boolean back(Lease lease, boolean waits, String event, Map<String, String> details) {
        Instant now = clock.instant();
        AppName app = lease.request().app();
        keeper.settled(lease);
        if (waits) {
            say(now, lease.id(), app, event, details);
            news.changed(lease.id());
            news.work(app);
            return true;
        }
        boolean cancelled = keeper.endCancelled(lease, now);
        if (cancelled) {
            ended(new Ended(lease.id(), app), "cancelled", now);
        }
        return cancelled;
    }

    @Override
    public Map<AppName, Depth> depths(Instant now) {
        return keeper.lines().depths(now);
    }

    @Override
    public int leasable(AppName app, Instant now) {
        return keeper.lines().leasable(app, now);
    }

    @Override
    public int expire(Instant now) {
        return keeper.lines().isEmpty()
                ? 0
                : end(Endings.EXPIRED, now, "expired", "state = 0 and start_deadline <= ?", now);
    }

    @Override
    public int flush(AppName app, Instant now) {
        String which = "state = 0 and owner = ? and alias = ?";
        return end(Endings.FLUSHED, now, "flushed", which, app.owner(), app.alias());
    }

    @Override
    public Map<String, Integer> waitingByCaller(AppName app) {
        Map<String, Integer> waiting = new TreeMap<>();
        database.list(
                        "select caller, count(*) from request where state = 0 and owner = ? and alias = ? group by caller",
                        (row, context) -> Map.entry(row.getString(1), row.getInt(2)),
                        app.owner(),
                        app.alias())
                .forEach(each -> waiting.put(each.getKey(), each.getValue()));
        return waiting;
    }

    @Override
    public int flush(AppName app, String caller, Instant now) {
        String which = "state = 0 and owner = ? and alias = ? and caller = ?";
        return end(Endings.FLUSHED, now, "flushed", which, app.owner(), app.alias(), caller);
    }

    private int end(Result result, Instant now, String event, String which, Object... arguments) {
        List<Ended> all = keeper.end(result, now, which, arguments);
        all.forEach(each -> ended(each, event, now));
        return all.size();
    }

    @Override
    public int voidLeases() {
        Instant now = clock.instant();
        List<Ended> waiting = keeper.voidLeases();
        waiting.forEach(each -> say(now, each.id(), each.app(), "lease_voided", Map.of()));
        waiting.stream().map(Ended::app).distinct().forEach(news::work);
        return waiting.size() + end(Endings.CANCELLED, now, "cancelled", "state = 1");
    }

    /// Deletes requests whose retention has ended.
    ///
    /// @return how many
    public int sweep(Instant now) {
        return housekeeping.sweep(now);
    }

    @Override
    public void onWork(Consumer<AppName> listener) {
        news.onWork(listener);
    }

    @Override
    public void onCancel(Consumer<UUID> listener) {
        news.onCancel(listener);
    }

    @Override
    public Watch watch(UUID id, Runnable listener) {
        return news.watch(id, listener);
    }

    private void ended(Ended request, String event, Instant now) {
        say(now, request.id(), request.app(), event, Map.of());
        news.changed(request.id());
    }

    private void say(Instant at, UUID id, AppName app, String event, Map<String, String> details) {
        history.record(new Fact(at, Fact.Subject.REQUEST, id.toString(), app, event, details));
    }
}
