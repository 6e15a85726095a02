package mews.queue;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import mews.model.AppName;
import mews.model.RetryCondition;
import mews.queue.LeaseRows.Leased;
import mews.queue.Queue.Lease;
import mews.queue.Queue.NewRequest;
import mews.queue.Queue.Result;
import mews.queue.Rows.Submission;
import mews.queue.WaitingLines.Waiter;
import mews.sql.Database;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Every change of who waits. One at a time: row first, line in memory right after its commit, so
/// that both always agree. A change that fails may or may not have reached the disk, so before the
/// next one the lines are read again, and leases that nobody got are taken back.
final class LineKeeper {
    /// Ends waiting or leased requests with a result that no app gave.
    private static final String END =
            """
            update request set state = 2, token = token + 1, status = ?, result_headers = ?,
                result_body = ?, error = ?, detail = ?, finished_at = ?,
                expires_at = case when store_payload then ?::timestamptz else ?::timestamptz end,
                body = case when store_payload then body end
            where
            """;

    /// A request that ended without an answer of its app.
    record Ended(UUID id, AppName app) {}

    private record Row(UUID id, Waiter waiter) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final WaitingLines lines = new WaitingLines();
    private final Database database;
    private final Codec codec;
    private final LeaseRows leases;
    private final Retention retention;

    /// Leases handed out and not settled yet, with their tokens.
    private final Map<UUID, Long> held = new ConcurrentHashMap<>();

    private volatile boolean stale;

    LineKeeper(Database database, Codec codec, Overflow overflow, Retention retention) {
        this.database = database;
        this.codec = codec;
        this.leases = new LeaseRows(codec, overflow);
        this.retention = retention;
    }

    WaitingLines lines() {
        return lines;
    }

    /// Reads the lines from the rows for the first time.
    void load() {
        lock.lock();
        try {
            read();
        } finally {
            lock.unlock();
        }
    }

    /// Finds out what became of a change that failed, if one did.
    void recover() {
        if (stale) {
            change(() -> true);
        }
    }

    /// The holder of a lease is done with it.
    void settled(Lease lease) {
        held.remove(lease.id(), lease.token());
    }

    /// @return the sequence number of each
    Map<UUID, Long> insert(List<Submission> submissions) {
        Map<UUID, Long> numbers =
                database.inTransaction(handle -> Rows.insert(handle.getConnection(), submissions));
        for (Submission each : submissions) {
            NewRequest request = each.request();
            Long number = numbers.get(request.id());
            if (number != null) {
                Instant at = request.submittedAt();
                lines.add(new Waiter(request.app(), request.priority(), number, at, at));
            }
        }
        return numbers;
    }

    List<Lease> lease(AppName app, int most, Instant now) {
        return change(() -> {
            if (lines.leasable(app, now) == 0) {
                return List.of();
            }
            List<Leased> rows = database.inTransaction(handle -> lease(handle, app, most, now));
            List<Lease> taken = new ArrayList<>();
            for (Leased each : rows) {
                remove(each.waiter());
                if (each.lease() != null) {
                    held.put(each.id(), each.lease().token());
                    taken.add(each.lease());
                }
            }
            return taken;
        });
    }

    private List<Leased> lease(Handle handle, AppName app, int most, Instant now) {
        List<Leased> leased = leases.take(handle, app, most, now);
        for (Leased each : leased) {
            if (each.lease() == null) {
                end(handle, Endings.BODY_LOST, now, "id = ? and state = 1", each.id());
            }
        }
        return leased;
    }

    /// @return whether the lease still held
    boolean retry(Lease lease, @Nullable RetryCondition condition, Instant notBefore) {
        return back(
                "state = 0, not_before = ?, spent = ?",
                lease,
                notBefore,
                Codec.counts(Codec.oneMore(lease.spent(), condition)));
    }

    boolean release(Lease lease) {
        return back("state = 0, attempts = attempts - 1, not_before = submitted_at", lease);
    }

    private boolean back(String changes, Lease lease, Object... values) {
        List<Object> arguments = new ArrayList<>(List.of(values));
        arguments.add(lease.id());
        arguments.add(lease.token());
        return change(() -> {
            List<Row> rows =
                    database.list(
                            "update request set token = token + 1, "
                                    + changes
                                    + " where id = ? and token = ? and state = 1"
                                    + " and not cancel_requested returning "
                                    + Rows.COLUMNS,
                            (row, context) -> row(row),
                            arguments.toArray());
            rows.forEach(each -> lines.add(each.waiter));
            return !rows.isEmpty();
        });
    }

    /// Ends one waiting request.
    Optional<Ended> endWaiting(UUID id, Result result, Instant now) {
        return end(result, now, "id = ? and state = 0", id).stream().findFirst();
    }

    /// Ends one leased request whose caller cancelled.
    boolean endCancelled(Lease lease, Instant now) {
        return !end(
                        Endings.CANCELLED,
                        now,
                        "id = ? and token = ? and state = 1 and cancel_requested",
                        lease.id(),
                        lease.token())
                .isEmpty();
    }

    List<Ended> end(Result result, Instant now, String which, Object... arguments) {
        return change(() -> {
            List<Row> rows =
                    database.inTransaction(handle -> end(handle, result, now, which, arguments));
            rows.forEach(each -> remove(each.waiter));
            return rows.stream().map(each -> new Ended(each.id, each.waiter.app())).toList();
        });
    }

    private List<Row> end(
            Handle handle, Result result, Instant now, String which, Object... arguments) {
        int size = result.body().length;
        List<@Nullable Object> all = new ArrayList<>();
        all.add(result.status());
        all.add(codec.sealed(result.headers()));
        all.add(result.body());
        all.add(result.error() == null ? null : result.error().name());
        all.add(result.detail());
        all.add(now);
        all.add(retention.expiry(true, size, now));
        all.add(retention.expiry(false, size, now));
        all.addAll(List.of(arguments));
        return handle.select(END + which + " returning " + Rows.COLUMNS, all.toArray())
                .map((row, context) -> row(row))
                .list();
    }

    /// Takes every lease of requests that nobody cancelled back.
    List<Ended> voidLeases() {
        return change(() -> {
            List<Row> rows =
                    database.list(
                            "update request set state = 0, attempts = attempts - 1,"
                                    + " token = token + 1, not_before = submitted_at"
                                    + " where state = 1 and not cancel_requested returning "
                                    + Rows.COLUMNS,
                            (row, context) -> row(row));
            rows.forEach(each -> lines.add(each.waiter));
            return rows.stream().map(each -> new Ended(each.id, each.waiter.app())).toList();
        });
    }

    /// Runs `work` while nobody else changes the lines.
    <T> T change(Supplier<T> work) {
        lock.lock();
        try {
            if (stale) {
                takeBackLost();
                read();
                stale = false;
            }
            return work.get();
        } catch (RuntimeException e) {
            stale = true;
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private void read() {
        lines.replace(
                database.list(
                        "select " + Rows.COLUMNS + " from request where state = 0 order by seq",
                        (row, context) -> Rows.waiter(row)));
    }

    /// A lease may have been committed although its holder saw the connection break.
    private void takeBackLost() {
        database.update(
                "update request set state = 0, attempts = attempts - 1, token = token + 1,"
                        + " not_before = submitted_at where state = 1 and not id = any(?)",
                (Object) held.keySet().toArray(UUID[]::new));
    }

    private void remove(Waiter waiter) {
        lines.remove(waiter.app(), waiter.priority(), waiter.sequence());
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(row.getObject("id", UUID.class), Rows.waiter(row));
    }
}
