package mews.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.model.Refusal;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class DatabaseIT {
    private static final Database DATABASE = TestDatabase.fresh();

    @AfterAll
    static void close() {
        DATABASE.close();
    }

    @Test
    void bindsWhatRowsAreMadeOf() {
        DATABASE.update(
                "CREATE TABLE thing (id uuid, at timestamptz, bytes bytea, words text[], note text)");
        UUID id = UUID.randomUUID();
        Instant at = Instant.parse("2026-01-02T03:04:05.678901Z");
        DATABASE.update(
                "INSERT INTO thing VALUES (?, ?, ?, ?, ?)",
                id,
                at,
                new byte[] {0, 1},
                new String[] {"a", "ß"},
                null);
        List<Object> row =
                DATABASE.first(
                                "SELECT * FROM thing WHERE id = ?",
                                (columns, _) ->
                                        List.<Object>of(
                                                columns.getObject("id", UUID.class),
                                                columns.getTimestamp("at").toInstant(),
                                                columns.getBytes("bytes"),
                                                columns.getArray("words").getArray()),
                                id)
                        .orElseThrow();
        assertThat(row).containsExactly(id, at, new byte[] {0, 1}, new String[] {"a", "ß"});
    }

    @Test
    void rollsBackWhatThrows() {
        DATABASE.update("CREATE TABLE counted (number int)");
        assertThatThrownBy(() ->
                        DATABASE.inTransaction(handle -> {
                            handle.execute("INSERT INTO counted VALUES (1)");
                            throw new IllegalStateException("stop");
                        }))
                .hasMessage("stop");
        assertThat(DATABASE.list("SELECT number FROM counted", (row, _) -> row.getInt(1)))
                .isEmpty();
    }

    @Test
    void refusesTextThatPostgresqlCannotHold() {
        assertThatThrownBy(
                        () -> DATABASE.first("SELECT ?::text", (row, _) -> row.getString(1), "a\0"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("U+0000");
    }

    @Test
    void givesEachTestADatabaseOfItsOwn() {
        DATABASE.update("CREATE TABLE mine (number int)");
        try (Database other = TestDatabase.fresh()) {
            assertThat(
                            other.list(
                                    "SELECT 1 FROM pg_tables WHERE tablename = 'mine'",
                                    (row, _) -> row.getInt(1)))
                    .isEmpty();
        }
    }
}
