package mews.queue;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import mews.model.ErrorType;
import mews.queue.Queue.NewRequest;
import mews.queue.Queue.Result;
import mews.queue.Queue.State;
import mews.queue.Queue.View;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// What callers ask about one request.
final class Reader {
    private static final byte[] LEFT_OUT = {};

    private final Database database;
    private final Codec codec;
    private final Overflow overflow;
    private final WaitingLines lines;

    Reader(Database database, Codec codec, Overflow overflow, WaitingLines lines) {
        this.database = database;
        this.codec = codec;
        this.overflow = overflow;
        this.lines = lines;
    }

    boolean exists(UUID id) {
        return database.first("select 1 from request where id = ?", (row, context) -> 1, id)
                .isPresent();
    }

    boolean cancelRequested(UUID id) {
        return database.first(
                        "select 1 from request where id = ? and cancel_requested",
                        (row, context) -> 1,
                        id)
                .isPresent();
    }

    Optional<View> find(UUID id) {
        return database.first(
                "select state, attempts, leased_at, finished_at, inference_micros, runner, status,"
                        + " error, detail, "
                        + Rows.COLUMNS
                        + " from request where id = ?",
                (row, context) -> view(row),
                id);
    }

    private View view(ResultSet row) throws SQLException {
        NewRequest request = Rows.request(row, Map.of(), LEFT_OUT);
        State state = State.values()[row.getInt("state")];
        int position =
                state == State.IN_QUEUE
                        ? lines.position(request.app(), request.priority(), row.getLong("seq"))
                        : -1;
        Long micros = row.getObject("inference_micros", Long.class);
        return new View(
                request,
                state,
                position,
                row.getInt("attempts"),
                Rows.instant(row, "leased_at"),
                Rows.instant(row, "finished_at"),
                micros == null ? null : Duration.ofNanos(micros * 1000),
                row.getObject("runner", UUID.class),
                row.getObject("status", Integer.class),
                error(row),
                row.getString("detail"));
    }

    Optional<Result> result(UUID id) {
        return database.first(
                "select status, result_headers, result_body, result_file, error, detail"
                        + " from request where id = ? and state = 2",
                (row, context) -> result(row),
                id);
    }

    private Result result(ResultSet row) throws SQLException {
        String file = row.getString("result_file");
        return new Result(
                row.getInt("status"),
                codec.resultHeaders(row.getBytes("result_headers")),
                file == null ? row.getBytes("result_body") : overflow.read(file),
                error(row),
                row.getString("detail"));
    }

    private static @Nullable ErrorType error(ResultSet row) throws SQLException {
        String name = row.getString("error");
        return name == null ? null : ErrorType.valueOf(name);
    }
}
