package mews.queue;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import mews.model.AppName;
import mews.queue.Queue.NewRequest;
import mews.queue.Queue.Priority;
import mews.queue.WaitingLines.Waiter;
import org.jspecify.annotations.Nullable;

/// The batched statements of the queue and how a row becomes a request.
final class Rows {
    private static final String INSERT =
            """
            insert into request (id, owner, alias, priority, not_before, start_deadline, method,
                path, headers, body, body_in_file, caller, no_retry, retries, hint, webhook,
                store_payload, submitted_at)
            select id, owner, alias, priority, submitted_at, start_deadline, method, path, headers,
                body, body_in_file, caller, no_retry, retries, hint, webhook, store_payload,
                submitted_at
            from unnest(?::uuid[], ?::text[], ?::text[], ?::smallint[], ?::timestamptz[],
                ?::text[], ?::text[], ?::bytea[], ?::bytea[], ?::boolean[], ?::text[],
                ?::boolean[], ?::text[], ?::text[], ?::text[], ?::boolean[], ?::timestamptz[])
                with ordinality as given (id, owner, alias, priority, start_deadline, method, path,
                headers, body, body_in_file, caller, no_retry, retries, hint, webhook,
                store_payload, submitted_at, place)
            order by place
            returning id, seq
            """;

    private static final String COMPLETE =
            """
            update request set state = 2, runner = given.runner, status = given.status, result_headers = given.headers,
                result_body = given.body, result_file = given.file, error = given.error,
                detail = given.detail, finished_at = given.finished_at,
                inference_micros = extract(epoch from given.finished_at - leased_at) * 1000000,
                expires_at = given.expires_at,
                body = case when store_payload then request.body end
            from unnest(?::uuid[], ?::bigint[], ?::uuid[], ?::integer[], ?::bytea[], ?::bytea[], ?::text[],
                ?::text[], ?::text[], ?::timestamptz[], ?::timestamptz[])
                as given (id, token, runner, status, headers, body, file, error, detail, finished_at,
                expires_at)
            where request.id = given.id and request.token = given.token and request.state = 1
            returning request.id, request.token
            """;

    /// A request ready to be inserted.
    record Submission(NewRequest request, byte[] sealedHeaders, @Nullable Integer maxLength) {
        UUID id() {
            return request.id();
        }

        boolean inFile() {
            return Overflow.tooLarge(request.body());
        }
    }

    /// One lease of one request.
    record Key(UUID id, long token) {}

    /// A result ready to be stored.
    record Completion(
            UUID id,
            long token,
            @Nullable UUID runner,
            int status,
            byte[] sealedHeaders,
            byte @Nullable [] body,
            @Nullable String file,
            @Nullable String error,
            @Nullable String detail,
            Instant finishedAt,
            Instant expiresAt) {
        Key key() {
            return new Key(id, token);
        }
    }

    private Rows() {}

    /// @return the sequence number each got
    static Map<UUID, Long> insert(Connection connection, List<Submission> submissions) {
        if (submissions.isEmpty()) {
            return Map.of();
        }
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            Columns<Submission> in = new Columns<>(connection, statement, submissions);
            in.add("uuid", each -> each.request.id());
            in.add("text", each -> each.request.app().owner());
            in.add("text", each -> each.request.app().alias());
            in.add("int2", each -> (short) each.request.priority().ordinal());
            in.add("text", each -> text(each.request.startDeadline()));
            in.add("text", each -> each.request.method());
            in.add("text", each -> each.request.path());
            in.addBytes(each -> each.sealedHeaders);
            in.addBytes(each -> each.inFile() ? null : each.request.body());
            in.add("boolean", Submission::inFile);
            in.add("text", each -> each.request.caller());
            in.add("boolean", each -> each.request.noRetry());
            in.add("text", each -> Codec.retries(each.request.retries()));
            in.add("text", each -> each.request.hint());
            in.add("text", each -> each.request.webhook());
            in.add("boolean", each -> each.request.storePayload());
            in.add("text", each -> text(each.request.submittedAt()));
            Map<UUID, Long> sequences = new HashMap<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    sequences.put(rows.getObject(1, UUID.class), rows.getLong(2));
                }
            }
            return sequences;
        } catch (SQLException e) {
            throw new IllegalStateException("requests cannot be stored: " + e.getMessage(), e);
        }
    }

    /// @return a set of its own with those whose lease still held
    static Set<Key> complete(Connection connection, List<Completion> completions) {
        try (PreparedStatement statement = connection.prepareStatement(COMPLETE)) {
            Columns<Completion> in = new Columns<>(connection, statement, completions);
            in.add("uuid", Completion::id);
            in.add("int8", Completion::token);
            in.add("uuid", Completion::runner);
            in.add("int4", Completion::status);
            in.addBytes(Completion::sealedHeaders);
            in.addBytes(Completion::body);
            in.add("text", Completion::file);
            in.add("text", Completion::error);
            in.add("text", Completion::detail);
            in.add("text", each -> text(each.finishedAt));
            in.add("text", each -> text(each.expiresAt));
            Set<Key> done = new HashSet<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    done.add(new Key(rows.getObject(1, UUID.class), rows.getLong(2)));
                }
            }
            return done;
        } catch (SQLException e) {
            throw new IllegalStateException("results cannot be stored: " + e.getMessage(), e);
        }
    }

    /// What `request` and `waiter` read.
    static final String COLUMNS =
            """
            request.id, owner, alias, method, path, caller, priority, start_deadline, no_retry,
            retries, hint, webhook, store_payload, submitted_at, not_before, seq\
            """;

    /// Expects `COLUMNS`.
    static NewRequest request(ResultSet row, Map<String, String> headers, byte[] body)
            throws SQLException {
        String retries = row.getString("retries");
        return new NewRequest(
                row.getObject("id", UUID.class),
                app(row),
                row.getString("method"),
                row.getString("path"),
                headers,
                body,
                row.getString("caller"),
                priority(row),
                instant(row, "start_deadline"),
                row.getBoolean("no_retry"),
                retries == null ? null : Codec.counts(retries),
                row.getString("hint"),
                row.getString("webhook"),
                row.getBoolean("store_payload"),
                instantOf(row, "submitted_at"));
    }

    /// Expects `COLUMNS`.
    static Waiter waiter(ResultSet row) throws SQLException {
        return new Waiter(
                app(row),
                priority(row),
                row.getLong("seq"),
                instantOf(row, "submitted_at"),
                instantOf(row, "not_before"));
    }

    static AppName app(ResultSet row) throws SQLException {
        return new AppName(row.getString("owner"), row.getString("alias"));
    }

    static Priority priority(ResultSet row) throws SQLException {
        return Priority.values()[row.getInt("priority")];
    }

    static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static Instant instantOf(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    /// Binds one array per column, in the order of the statement's parameters.
    private static final class Columns<T> {
        private final Connection connection;
        private final PreparedStatement statement;
        private final List<T> items;
        private int index = 1;

        Columns(Connection connection, PreparedStatement statement, List<T> items) {
            this.connection = connection;
            this.statement = statement;
            this.items = items;
        }

        void add(String type, Function<T, @Nullable Object> column) throws SQLException {
            List<@Nullable Object> values = new ArrayList<>(items.size());
            items.forEach(item -> values.add(column.apply(item)));
            bind(connection.createArrayOf(type, values.toArray()));
        }

        void addBytes(Function<T, byte @Nullable []> column) throws SQLException {
            byte[] @Nullable [] values = new byte[items.size()][];
            for (int i = 0; i < values.length; i++) {
                values[i] = column.apply(items.get(i));
            }
            bind(connection.createArrayOf("bytea", values));
        }

        private void bind(Array array) throws SQLException {
            statement.setArray(index++, array);
        }
    }
}
