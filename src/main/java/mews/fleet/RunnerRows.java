package mews.fleet;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import mews.base.Batcher;
import mews.model.AppName;
import mews.model.RunnerState;
import mews.model.RunnerTimeline;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The table of runners: what each was, when it changed, why it ended. Changes are written in their
/// order behind the back of who reports them, since a request may wait for that runner to start;
/// who reads finds all that was reported before. Thread-safe.
final class RunnerRows implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunnerRows.class);
    private static final int MOST_WAITING = 50_000;
    private static final Duration KEPT = Duration.ofDays(30);
    private static final int MOST_LISTED = 1000;

    private final Database database;
    private final Batcher<Change> changes;

    /// @param exitCode once the process ended
    private record Change(RunnerView runner, @Nullable Integer exitCode) {}

    RunnerRows(Database database) {
        this.database = database;
        this.changes = Batcher.start("runner-rows", MOST_WAITING, this::write);
    }

    /// Writes what waits.
    @Override
    public void close() {
        changes.close();
    }

    /// Takes in what a runner is from now on; the first that is told of it must be its order.
    void record(RunnerView runner, @Nullable Integer exitCode) {
        changes.add(new Change(runner, exitCode));
    }

    /// A table that cannot be written must not end runners that serve.
    private void write(List<Change> batch) {
        for (Change next : batch) {
            try {
                write(next.runner(), next.exitCode());
            } catch (RuntimeException e) {
                LOG.error("runner not recorded runner_id={}", next.runner().id(), e);
            }
        }
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

    private void add(RunnerView runner) {
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

    private void write(RunnerView runner, @Nullable Integer exitCode) {
        switch (runner.state()) {
            case RunnerState.Pending pending -> add(runner);
            case RunnerState.Setup(Instant since) ->
                    database.update(
                            "UPDATE runner SET setup_at = ?, started = ? WHERE id = ?",
                            since,
                            runner.started(),
                            runner.id());
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
        changes.flush();
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
        changes.flush();
        return database.first(
                "SELECT * FROM runner WHERE id = ?", (row, context) -> timeline(row), runner);
    }

    /// Oldest first.
    List<RunnerTimeline> timelines(AppName app, Instant from, Instant to) {
        changes.flush();
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
