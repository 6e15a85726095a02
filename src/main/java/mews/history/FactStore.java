package mews.history;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.base.Batcher;
import mews.base.Json;
import mews.base.Loop;
import mews.model.AppName;
import mews.model.Fact;
import mews.sql.Database;
import mews.sql.Retention;
import mews.sql.Text;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.type.TypeReference;

/// Facts in the database.
public final class FactStore implements History, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FactStore.class);
    private static final int WAITING_FACTS = 50_000;
    private static final int MOST_SHOWN = 10_000;
    private static final TypeReference<LinkedHashMap<String, String>> DETAILS =
            new TypeReference<>() {};

    private final Database database;
    private final Batcher<Fact> facts;
    private final Loop sweep;

    /// @param retention how long facts are kept
    public FactStore(Database database, InstantSource clock, Duration retention) {
        this.database = database;
        this.facts = Batcher.start("fact-writer", WAITING_FACTS, batch -> write(database, batch));
        this.sweep = Retention.start("fact-retention", database, "fact", clock, retention);
    }

    @Override
    public void record(Fact fact) {
        facts.add(fact);
        long lost = facts.takeDropped();
        if (lost > 0) {
            LOG.warn("facts were lost, the database writes too slowly facts={}", lost);
        }
    }

    /// The newest ten thousand, if there are more.
    @Override
    public List<Fact> of(Fact.Subject subject, String id) {
        return database.list(
                        """
                        SELECT * FROM fact WHERE subject = ? AND subject_id = ?
                        ORDER BY at DESC, id DESC LIMIT ?
                        """,
                        FactStore::fact,
                        subject.name(),
                        id,
                        MOST_SHOWN)
                .reversed();
    }

    @Override
    public List<Fact> between(Fact.Subject subject, String id, Instant from, Instant to) {
        return database.list(
                        """
                        SELECT * FROM fact
                        WHERE subject = ? AND subject_id = ? AND at >= ? AND at <= ?
                        ORDER BY at DESC, id DESC LIMIT ?
                        """,
                        FactStore::fact,
                        subject.name(),
                        id,
                        from,
                        to,
                        MOST_SHOWN)
                .reversed();
    }

    @Override
    public Optional<Fact> last(Fact.Subject subject, String id, String event, Instant at) {
        return database.first(
                """
                SELECT * FROM fact
                WHERE subject = ? AND subject_id = ? AND event = ? AND at <= ?
                ORDER BY at DESC, id DESC LIMIT 1
                """,
                FactStore::fact,
                subject.name(),
                id,
                event,
                at);
    }

    @Override
    public void forget(AppName app) {
        flush();
        database.update("DELETE FROM fact WHERE owner = ? AND alias = ?", app.owner(), app.alias());
    }

    @Override
    public void flush() {
        facts.flush();
    }

    /// Writes what waits.
    @Override
    public void close() {
        sweep.close();
        facts.close();
    }

    private static void write(Database database, List<Fact> batch) {
        database.batch(
                """
                INSERT INTO fact (at, subject, subject_id, owner, alias, event, details)
                VALUES (?, ?, ?, ?, ?, ?, CAST(? AS jsonb))
                """,
                batch.stream().map(FactStore::columns).toList());
    }

    private static @Nullable Object[] columns(Fact fact) {
        AppName app = fact.app();
        Map<String, String> details = new LinkedHashMap<>();
        fact.details().forEach((key, value) -> details.put(key, Text.storable(value)));
        return new @Nullable Object[] {
            Timestamp.from(fact.at()),
            fact.subject().name(),
            fact.id(),
            app == null ? null : app.owner(),
            app == null ? null : app.alias(),
            fact.event(),
            Json.write(details)
        };
    }

    private static Fact fact(ResultSet row, StatementContext context) throws SQLException {
        String owner = row.getString("owner");
        String alias = row.getString("alias");
        return new Fact(
                row.getTimestamp("at").toInstant(),
                Fact.Subject.valueOf(row.getString("subject")),
                row.getString("subject_id"),
                owner == null || alias == null ? null : new AppName(owner, alias),
                row.getString("event"),
                Json.MAPPER.readValue(row.getString("details"), DETAILS));
    }
}
