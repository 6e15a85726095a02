package mews.build;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import mews.base.Seal;
import mews.sql.Database;

/// The tables of what was resolved. They outlive the layers on disk. Thread-safe; blocks.
public final class LockTable {
    /// How long the lock of a layer is kept that no revision has.
    private static final Duration KEPT = Duration.ofDays(90);

    private final Database database;
    private final Seal seal;
    private final InstantSource clock;

    public LockTable(Database database, Seal seal, InstantSource clock) {
        this.database = database;
        this.seal = seal;
        this.clock = clock;
    }

    /// @param wanted key of an install step
    /// @return key of the layer it came to; empty if it was never resolved
    Optional<String> resolved(String wanted) {
        return database.first(
                "SELECT layer FROM resolution WHERE wanted = ?",
                (row, context) -> row.getString(1),
                wanted);
    }

    Optional<Lock> find(String layer) {
        return database.first(
                "SELECT lock FROM layer_lock WHERE layer = ?", (row, context) -> lock(row), layer);
    }

    void keep(String layer, Lock lock) {
        database.update(
                """
                INSERT INTO layer_lock (layer, lock, used_at) VALUES (?, ?, ?)
                ON CONFLICT (layer) DO UPDATE SET used_at = excluded.used_at
                """,
                layer,
                seal.seal(lock.text().getBytes(StandardCharsets.UTF_8)),
                clock.instant());
    }

    /// From now on the install step comes to this layer.
    void resolve(String wanted, String layer) {
        database.update(
                """
                INSERT INTO resolution (wanted, layer, resolved_at) VALUES (?, ?, ?)
                ON CONFLICT (wanted) DO UPDATE
                    SET layer = excluded.layer, resolved_at = excluded.resolved_at
                """,
                wanted,
                layer,
                clock.instant());
    }

    /// Forgets what was long unused, and nothing that is asked to stay.
    ///
    /// @param needed keys of the layers of all revisions
    public void forget(Collection<String> needed) {
        database.update(
                "DELETE FROM layer_lock WHERE used_at < ? AND NOT (layer = ANY(?))",
                clock.instant().minus(KEPT),
                needed.toArray(String[]::new));
        database.update(
                "DELETE FROM resolution r WHERE NOT EXISTS (SELECT 1 FROM layer_lock l WHERE l.layer = r.layer)");
    }

    private Lock lock(ResultSet row) throws SQLException {
        return Lock.parse(new String(seal.open(row.getBytes(1)), StandardCharsets.UTF_8));
    }
}
