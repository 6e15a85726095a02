package mews.logs;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.base.Batcher;
import mews.base.Loop;
import mews.model.AppName;
import mews.model.LogLine;
import mews.sql.Database;
import mews.sql.Retention;
import mews.sql.Text;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Log lines in the database. Lines that come faster than it can write push out the oldest ones
/// that wait, and the loss is told in the log itself of the one who spoke last.
public final class LogStore implements Logs, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogStore.class);
    private static final int WAITING_LINES = 50_000;
    private static final int LONGEST_MESSAGE = 64 * 1024;

    private static final String INSERT =
            """
            INSERT INTO log_line
                (at, level, source, account, owner, alias, revision, runner, request, message)
            VALUES (?, ?, ?, ?, ?, ?, CAST(? AS uuid), CAST(? AS uuid), CAST(? AS uuid), ?)
            """;

    private record Follower(LogQuery query, Consumer<LogLine> listener) {}

    private final Database database;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private final Batcher<LogLine> lines;
    private final Loop sweep;

    /// @param retention how long lines are kept
    public LogStore(Database database, InstantSource clock, Duration retention) {
        this.database = database;
        this.lines = Batcher.start("log-writer", WAITING_LINES, batch -> write(database, batch));
        this.sweep = Retention.start("log-retention", database, "log_line", clock, retention);
    }

    @Override
    public void append(LogLine line) {
        LogLine kept = fit(line);
        long lost = lines.takeDropped();
        if (lost > 0) {
            lines.add(loss(kept, lost));
        }
        lines.add(kept);
        for (Follower follower : followers) {
            if (follower.query().matches(kept)) {
                tell(follower, kept);
            }
        }
    }

    @Override
    public void flush() {
        lines.flush();
    }

    @Override
    public List<LogLine> query(LogQuery query) {
        StringBuilder where = new StringBuilder("account = ?");
        List<@Nullable Object> arguments = new ArrayList<>(List.of(query.account()));
        AppName app = query.app();
        if (app != null) {
            and(where, arguments, "owner = ?", app.owner());
            and(where, arguments, "alias = ?", app.alias());
        }
        and(where, arguments, "revision = ?", query.revision());
        and(where, arguments, "runner = ?", query.runner());
        and(where, arguments, "request = ?", query.request());
        and(where, arguments, "at >= ?", query.since());
        and(where, arguments, "at < ?", query.until());
        and(where, arguments, "position(lower(?) IN lower(message)) > 0", query.search());
        LogLine.Level level = query.level();
        and(where, arguments, "level = ?", level == null ? null : level.name());
        arguments.add(query.limit());
        return database.list(
                "SELECT * FROM log_line WHERE " + where + " ORDER BY at DESC, id DESC LIMIT ?",
                LogStore::line,
                arguments.toArray());
    }

    @Override
    public AutoCloseable follow(LogQuery query, Consumer<LogLine> listener) {
        Follower follower = new Follower(query, listener);
        followers.add(follower);
        return () -> followers.remove(follower);
    }

    /// Writes what waits.
    @Override
    public void close() {
        sweep.close();
        lines.close();
    }

    private static void and(
            StringBuilder where,
            List<@Nullable Object> arguments,
            String condition,
            @Nullable Object argument) {
        if (argument != null) {
            where.append(" AND ").append(condition);
            arguments.add(argument);
        }
    }

    private static void write(Database database, List<LogLine> batch) {
        database.batch(INSERT, batch.stream().map(LogStore::columns).toList());
    }

    private static @Nullable Object[] columns(LogLine line) {
        AppName app = line.app();
        return new @Nullable Object[] {
            Timestamp.from(line.at()),
            line.level().name(),
            line.source().name(),
            line.account(),
            app == null ? null : app.owner(),
            app == null ? null : app.alias(),
            line.revision(),
            line.runner(),
            line.request(),
            line.message()
        };
    }

    private static LogLine line(ResultSet row, StatementContext context) throws SQLException {
        String owner = row.getString("owner");
        String alias = row.getString("alias");
        return new LogLine(
                row.getTimestamp("at").toInstant(),
                LogLine.Level.valueOf(row.getString("level")),
                LogLine.Source.valueOf(row.getString("source")),
                row.getString("account"),
                owner == null || alias == null ? null : new AppName(owner, alias),
                row.getObject("revision", UUID.class),
                row.getObject("runner", UUID.class),
                row.getObject("request", UUID.class),
                row.getString("message"));
    }

    private static LogLine fit(LogLine line) {
        String message = Text.storable(line.message());
        if (message.length() > LONGEST_MESSAGE) {
            int more = message.length() - LONGEST_MESSAGE;
            message = message.substring(0, LONGEST_MESSAGE) + " … (" + more + " more characters)";
        }
        return message.equals(line.message()) ? line : say(line, line.level(), message);
    }

    private static LogLine loss(LogLine line, long lost) {
        return say(
                line,
                LogLine.Level.WARNING,
                lost + " older log lines were lost: they came faster than the database writes");
    }

    private static LogLine say(LogLine line, LogLine.Level level, String message) {
        return new LogLine(
                line.at(),
                level,
                line.source(),
                line.account(),
                line.app(),
                line.revision(),
                line.runner(),
                line.request(),
                message);
    }

    private static void tell(Follower follower, LogLine line) {
        try {
            follower.listener().accept(line);
        } catch (RuntimeException e) {
            LOG.warn("a follower of the log failed", e);
        }
    }
}
