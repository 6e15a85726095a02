package mews.queue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import mews.model.ErrorType;
import mews.queue.Queue.Lease;
import mews.queue.Queue.Result;
import mews.queue.Rows.Completion;
import mews.queue.Rows.Key;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// The way out: many results, one commit, each only if its lease still holds.
final class Outlet implements AutoCloseable {
    private final Database database;
    private final Codec codec;
    private final Overflow overflow;
    private final Retention retention;
    private final GroupWriter<Completion, Boolean> writer =
            new GroupWriter<>("queue-complete", this::store);

    Outlet(Database database, Codec codec, Overflow overflow, Retention retention) {
        this.database = database;
        this.codec = codec;
        this.overflow = overflow;
        this.retention = retention;
    }

    void start() {
        writer.start();
    }

    @Override
    public void close() {
        writer.close();
    }

    /// @return false if the lease was lost
    boolean complete(Lease lease, Result result, @Nullable UUID runner, Instant now) {
        String file = Overflow.resultName(lease.id(), lease.token());
        boolean large = Overflow.tooLarge(result.body());
        if (large) {
            overflow.write(file, result.body());
        }
        boolean stored = writer.write(completion(lease, result, runner, large ? file : null, now));
        if (!stored && large) {
            overflow.delete(file);
        }
        boolean forget = stored && !lease.request().storePayload();
        if (forget && Overflow.tooLarge(lease.request().body())) {
            overflow.delete(Overflow.requestName(lease.id()));
        }
        return stored;
    }

    private Completion completion(
            Lease lease, Result result, @Nullable UUID runner, @Nullable String file, Instant now) {
        ErrorType error = result.error();
        return new Completion(
                lease.id(),
                lease.token(),
                runner,
                result.status(),
                codec.sealed(result.headers()),
                file == null ? result.body() : null,
                file,
                error == null ? null : error.name(),
                printable(result.detail()),
                now,
                retention.expiry(lease.request().storePayload(), result.body().length, now));
    }

    private List<Boolean> store(List<Completion> batch) {
        // One statement changes a row once: of two with the same lease only the first is sent.
        Map<Key, Completion> first =
                batch.stream()
                        .collect(Collectors.toMap(Completion::key, each -> each, (a, b) -> a));
        List<Completion> once = List.copyOf(first.values());
        Set<Key> stored =
                database.inTransaction(handle -> Rows.complete(handle.getConnection(), once));
        return batch.stream().map(each -> stored.remove(each.key())).toList();
    }

    /// PostgreSQL keeps no zero characters in text.
    private static @Nullable String printable(@Nullable String text) {
        return text == null ? null : text.replace('\0', ' ');
    }
}
