package mews.sql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import mews.model.Refusal;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/// PostgreSQL, and the only way to it. Statements take positional `?` parameters; instants, UUIDs,
/// byte arrays, strings, numbers and `String[]` bind as they are. Thread-safe; every call blocks,
/// so never on an event loop. A text with the character U+0000, which PostgreSQL cannot hold, is
/// refused.
public final class Database implements AutoCloseable {
    /// SQLSTATE of a text that is none in the database's encoding.
    private static final String UNSTORABLE = "22021";

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private Database(HikariDataSource pool) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        jdbi.registerArrayType(String.class, "text");
        jdbi.registerArrayType(java.util.UUID.class, "uuid");
        jdbi.registerArrayType(Long.class, "bigint");
        jdbi.registerArrayType(Integer.class, "integer");
    }

    /// Connects and brings the schema up to date.
    ///
    /// @param url `jdbc:postgresql://…`, user and password included
    /// @param connections most connections held at once
    public static Database open(String url, int connections) {
        // By connections of its own: migrating needs two, a pool may have one.
        Flyway.configure(Database.class.getClassLoader())
                .dataSource(url, null, null)
                .locations("classpath:mews/sql")
                .load()
                .migrate();
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(connections);
        config.setPoolName("mews");
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        return new Database(new HikariDataSource(config));
    }

    /// @return how many rows changed
    public int update(String statement, @Nullable Object... arguments) {
        return asking(() -> jdbi.withHandle(handle -> handle.execute(statement, arguments)));
    }

    public <T> List<T> list(String query, RowMapper<T> row, @Nullable Object... arguments) {
        return asking(
                () -> jdbi.withHandle(handle -> handle.select(query, arguments).map(row).list()));
    }

    public <T> Optional<T> first(String query, RowMapper<T> row, @Nullable Object... arguments) {
        return asking(() ->
                jdbi.withHandle(handle -> handle.select(query, arguments).map(row).findFirst()));
    }

    /// Runs one statement for each row of arguments, in one transaction and few round trips.
    public void batch(String statement, List<@Nullable Object[]> rows) {
        if (rows.isEmpty()) {
            return;
        }
        jdbi.useTransaction(handle -> {
            try (PreparedBatch batch = handle.prepareBatch(statement)) {
                rows.forEach(batch::add);
                batch.execute();
            }
        });
    }

    /// Runs `work` in one transaction; an exception rolls it back.
    public <T> T inTransaction(Function<Handle, T> work) {
        return asking(() -> jdbi.inTransaction(work::apply));
    }

    private static <T> T asking(Supplier<T> question) {
        try {
            return question.get();
        } catch (JdbiException e) {
            if (e.getCause() instanceof SQLException cause
                    && UNSTORABLE.equals(cause.getSQLState())) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "a text holds the character U+0000, which cannot be stored; leave it out");
            }
            throw e;
        }
    }

    @Override
    public void close() {
        pool.close();
    }
}
