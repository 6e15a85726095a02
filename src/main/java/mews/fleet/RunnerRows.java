package mews.fleet;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import mews.model.AppName;
import mews.model.RunnerState;
import mews.model.RunnerTimeline;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// The table of runners: what each was, when it changed, why it ended.
final class RunnerRows {
    private static final Duration KEPT = Duration.ofDays(30);
    private static final int MOST_LISTED = 1000;

    private final Database database;

    RunnerRows(Database database) {
        this.database = database;
    }

    /// Ends the rows of an earlier life and forgets very old ones.
    void closeEarlierLife(Instant now) {
        database.update(
                """
                UPDATE runner SET stopped_at = ?, stop_code = ?, stop_detail = ?
                WHERE stopped_at IS NULL
                """,
                now,
                StopReason.Code.SERVER_GONE.name(),
                "the server that owned it went away");
        database.update("DELETE FROM runner WHERE stopped_at < ?", now.minus(KEPT));
    }

    void add(RunnerView runner) {
        database.update(
                """
                INSERT INTO runner (id, account, alias, revision, generation, machine_type, slots,
                  isolation, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                runner.id(),
                runner.app().owner(),
                runner.app().alias(),
                runner.revision(),
                runner.generation(),
                runner.machineType(),
                runner.slots(),
                runner.isolation(),
                runner.createdAt());
    }

    void changed(RunnerView runner, @Nullable Integer exitCode) {
        switch (runner.state()) {
            case RunnerState.Pending pending -> {}
            case RunnerState.Setup(Instant since) -> {
                mark("setup_at", since, runner.id());
                database.update(
                        "UPDATE runner SET started = ? WHERE id = ?",
                        runner.started(),
                        runner.id());
            }
            case RunnerState.Ready(var endpoint, Instant since) ->
                    mark("ready_at", since, runner.id());
            case RunnerState.Draining draining ->
                    mark("draining_at", draining.since(), runner.id());
            case RunnerState.Terminating terminating ->
                    mark("terminating_at", terminating.since(), runner.id());
            case RunnerState.Stopped(StopReason reason, Instant since) ->
                    end(runner, reason, since, exitCode);
        }
    }

    /// Newest first.
    List<RunnerView> ended(String account, Instant since) {
        return database.list(
                """
                SELECT * FROM runner WHERE account = ? AND stopped_at >= ?
                ORDER BY stopped_at DESC LIMIT ?
                """,
                (row, context) -> view(row),
                account,
                since,
                MOST_LISTED);
    }

    Optional<RunnerTimeline> timeline(UUID runner) {
        return database.first(
                "SELECT * FROM runner WHERE id = ?", (row, context) -> timeline(row), runner);
    }

    /// Oldest first.
    List<RunnerTimeline> timelines(AppName app, Instant from, Instant to) {
        return database.list(
                        """
                        SELECT * FROM runner
                        WHERE account = ? AND alias = ? AND created_at <= ?
                          AND (stopped_at IS NULL OR stopped_at >= ?)
                        ORDER BY created_at DESC LIMIT ?
                        """,
                        (row, context) -> timeline(row),
                        app.owner(),
                        app.alias(),
                        to,
                        from,
                        MOST_LISTED)
                .reversed();
    }

    private void mark(String column, Instant since, UUID runner) {
        database.update("UPDATE runner SET " + column + " = ? WHERE id = ?", since, runner);
    }

    private void end(
            RunnerView runner, StopReason reason, Instant since, @Nullable Integer exitCode) {
        database.update(
                """
                UPDATE runner SET stopped_at = ?, stop_code = ?, stop_detail = ?, exit_code = ?,
                  served = ?, started = ?
                WHERE id = ?
                """,
                since,
                reason.code().name(),
                reason.detail(),
                exitCode == null ? UNKNOWN_EXIT : exitCode,
                runner.everServed(),
                runner.started(),
                runner.id());
    }

    /// In the table, for a process that never ran or was never seen to end.
    private static final int UNKNOWN_EXIT = -1;

    private static RunnerView view(ResultSet row) throws SQLException {
        return new RunnerView(
                row.getObject("id", UUID.class),
                new AppName(row.getString("account"), row.getString("alias")),
                row.getObject("revision", UUID.class),
                row.getInt("generation"),
                row.getString("machine_type"),
                new RunnerState.Stopped(
                        new StopReason(
                                StopReason.Code.valueOf(row.getString("stop_code")),
                                row.getString("stop_detail")),
                        instant(row.getTimestamp("stopped_at"))),
                instant(row.getTimestamp("created_at")),
                row.getInt("slots"),
                0,
                null,
                row.getBoolean("served"),
                row.getString("isolation"),
                row.getString("started"));
    }

    private static RunnerTimeline timeline(ResultSet row) throws SQLException {
        String code = row.getString("stop_code");
        Integer exit = row.getObject("exit_code", Integer.class);
        return new RunnerTimeline(
                row.getObject("id", UUID.class),
                new AppName(row.getString("account"), row.getString("alias")),
                row.getObject("revision", UUID.class),
                row.getInt("generation"),
                row.getString("machine_type"),
                row.getInt("slots"),
                row.getString("isolation"),
                instant(row.getTimestamp("created_at")),
                reached(row, "setup_at"),
                reached(row, "ready_at"),
                reached(row, "draining_at"),
                reached(row, "terminating_at"),
                reached(row, "stopped_at"),
                code == null
                        ? null
                        : new StopReason(
                                StopReason.Code.valueOf(code), row.getString("stop_detail")),
                exit == null || exit == UNKNOWN_EXIT ? null : exit,
                row.getBoolean("served"));
    }

    private static @Nullable Instant reached(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    private static Instant instant(Timestamp at) {
        return at.toInstant();
    }
}
