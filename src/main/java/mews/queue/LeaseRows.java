package mews.queue;

import java.io.UncheckedIOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.AppName;
import mews.queue.Queue.Lease;
import mews.queue.WaitingLines.Waiter;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The statement that leases, and leases from its rows.
final class LeaseRows {
    private static final String LEASE =
            """
            with next as (
                select id as next_id from request
                where owner = ? and alias = ? and state = 0 and not_before <= ?
                    and (start_deadline is null or start_deadline > ?)
                order by priority, seq limit ? for update skip locked)
            update request set state = 1, attempts = attempts + 1, token = token + 1,
                leased_at = ?
            from next where id = next_id
            returning headers, body, body_in_file, token, attempts, spent, leased_at,
            """
                    + Rows.COLUMNS;

    /// @param lease null if the request's body is lost
    record Leased(@Nullable Lease lease, UUID id, Waiter waiter) {}

    private final Codec codec;
    private final Overflow overflow;

    LeaseRows(Codec codec, Overflow overflow) {
        this.codec = codec;
        this.overflow = overflow;
    }

    /// @return in the order of the line
    List<Leased> take(Handle handle, AppName app, int most, Instant now) {
        return handle
                .select(LEASE, app.owner(), app.alias(), now, now, most, now)
                .map((row, context) -> leased(row))
                .list()
                .stream()
                .sorted(
                        Comparator.comparing((Leased each) -> each.waiter.priority())
                                .thenComparing(each -> each.waiter.sequence()))
                .toList();
    }

    private Leased leased(ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        Waiter waiter = Rows.waiter(row);
        byte[] body;
        try {
            body =
                    row.getBoolean("body_in_file")
                            ? overflow.read(Overflow.requestName(id))
                            : row.getBytes("body");
        } catch (UncheckedIOException e) {
            return new Leased(null, id, waiter);
        }
        Map<String, String> headers = codec.requestHeaders(row.getBytes("headers"));
        Lease lease =
                new Lease(
                        Rows.request(row, headers, body),
                        row.getLong("token"),
                        row.getInt("attempts"),
                        Codec.counts(row.getString("spent")),
                        row.getObject("leased_at", OffsetDateTime.class).toInstant());
        return new Leased(lease, id, waiter);
    }
}
