package mews.sql;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import mews.base.Loop;

/// Deletes rows once they are too old, at the start and each hour, a few thousand at a time so that
/// nobody waits behind it.
public final class Retention {
    private static final int DELETED_AT_ONCE = 10_000;
    private static final Duration SWEEP = Duration.ofHours(1);

    private Retention() {}

    /// @param name of its thread
    /// @param table with a column `at`; becomes part of the statement
    /// @param kept how long rows stay
    /// @return to be closed before the database
    public static Loop start(
            String name, Database database, String table, InstantSource clock, Duration kept) {
        return Loop.start(
                name, SWEEP, () -> deleteBefore(database, table, clock.instant().minus(kept)));
    }

    private static void deleteBefore(Database database, String table, Instant oldest) {
        String statement =
                "DELETE FROM %s WHERE ctid IN (SELECT ctid FROM %s WHERE at < ? LIMIT ?)"
                        .formatted(table, table);
        int deleted;
        do {
            deleted = database.update(statement, oldest, DELETED_AT_ONCE);
        } while (deleted == DELETED_AT_ONCE);
    }
}
