package mews.deploy;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import mews.base.Json;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Revision;
import mews.model.Route;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// The table of aliases, mirrored in memory. One lock orders writes, so that memory never shows an
/// older row than the database; reads take no lock.
final class AliasTable implements Routes {
    /// What becomes of a row.
    interface Change {
        /// @param now the row as it is, null if there is none
        /// @return the row to be; null deletes it; `now` itself changes nothing
        @Nullable AliasRow from(@Nullable AliasRow now);
    }

    private record Entry(AliasRow row, Route route) {}

    private final Database database;
    private final Revisions revisions;
    private final Map<AppName, Entry> entries = new ConcurrentHashMap<>();
    private final List<Consumer<AppName>> listeners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    AliasTable(Database database, Revisions revisions) {
        this.database = database;
        this.revisions = revisions;
    }

    /// Forgets runs of an earlier life of the server, whose commands are gone, and reads the rest.
    void load() {
        database.update("DELETE FROM alias WHERE ephemeral");
        revisions.deleteEphemeral();
        List<AliasRow> rows =
                database.list("SELECT * FROM alias", (row, context) -> AliasTable.row(row));
        for (AliasRow row : rows) {
            entries.put(row.alias().app(), entry(row, null));
        }
    }

    @Override
    public @Nullable Route find(AppName app) {
        Entry entry = entries.get(app);
        return entry == null ? null : entry.route();
    }

    @Override
    public Collection<Route> all() {
        return entries.values().stream().map(Entry::route).toList();
    }

    @Override
    public void onChange(Consumer<AppName> listener) {
        listeners.add(listener);
    }

    /// Writes, then shows, then tells.
    ///
    /// @return the row before and after
    Changed change(AppName app, Change change) {
        AliasRow before;
        AliasRow after;
        lock.lock();
        try {
            Entry entry = entries.get(app);
            before = entry == null ? null : entry.row();
            after = change.from(before);
            if (after == before) {
                return new Changed(before, after);
            }
            write(app, after);
            show(app, entry, after);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        listeners.forEach(listener -> listener.accept(app));
        return new Changed(before, after);
    }

    record Changed(@Nullable AliasRow before, @Nullable AliasRow after) {}

    /// Runs `work` while no alias changes.
    ///
    /// @param inUse whether any alias points to the revision
    <T> T holding(UUID revision, Function<Optional<AppName>, T> work) {
        lock.lock();
        try {
            Optional<AppName> user =
                    entries.values().stream()
                            .filter(entry -> entry.row().pointsTo(revision))
                            .map(entry -> entry.row().alias().app())
                            .findFirst();
            return work.apply(user);
        } finally {
            lock.unlock();
        }
    }

    /// Waits until `done` holds for the alias; null stands for a missing one.
    @Nullable Alias await(AppName app, Predicate<@Nullable Alias> done)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                Entry entry = entries.get(app);
                Alias alias = entry == null ? null : entry.row().alias();
                if (done.test(alias)) {
                    return alias;
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void show(AppName app, @Nullable Entry before, @Nullable AliasRow after) {
        if (after == null) {
            entries.remove(app);
        } else {
            entries.put(app, entry(after, before));
        }
    }

    private Entry entry(AliasRow row, @Nullable Entry before) {
        UUID serving = row.alias().serving();
        Revision revision =
                before != null && before.row().alias().serving().equals(serving)
                        ? before.route().revision()
                        : revisions.find(serving).orElseThrow();
        return new Entry(row, new Route(row.alias(), named(revision, row.alias().app())));
    }

    /// A revision under the name of the alias that uses it.
    static Revision named(Revision revision, AppName app) {
        return revision.app().equals(app)
                ? revision
                : new Revision(
                        revision.id(),
                        app,
                        revision.spec(),
                        revision.image(),
                        revision.createdAt());
    }

    private void write(AppName app, @Nullable AliasRow row) {
        if (row == null) {
            database.update(
                    "DELETE FROM alias WHERE owner = ? AND alias = ?", app.owner(), app.alias());
            return;
        }
        Alias alias = row.alias();
        database.update(
                """
                INSERT INTO alias (owner, alias, auth, serving, next, next_auth, next_reset,
                                   strategy, settings, ephemeral, generation, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (owner, alias) DO UPDATE SET
                    auth = excluded.auth, serving = excluded.serving, next = excluded.next,
                    next_auth = excluded.next_auth, next_reset = excluded.next_reset,
                    strategy = excluded.strategy, settings = excluded.settings,
                    generation = excluded.generation
                """,
                app.owner(),
                app.alias(),
                alias.auth().name(),
                alias.serving(),
                alias.next(),
                row.nextAuth() == null ? null : row.nextAuth().name(),
                row.nextReset(),
                alias.strategy().name(),
                Json.write(row.settings()),
                alias.ephemeral(),
                alias.generation(),
                alias.createdAt());
    }

    private static AliasRow row(ResultSet row) throws SQLException {
        Settings settings = Json.MAPPER.readValue(row.getString("settings"), Settings.class);
        Alias alias =
                new Alias(
                        new AppName(row.getString("owner"), row.getString("alias")),
                        AuthMode.valueOf(row.getString("auth")),
                        row.getObject("serving", UUID.class),
                        row.getObject("next", UUID.class),
                        DeploymentStrategy.valueOf(row.getString("strategy")),
                        settings.scale(),
                        settings.requestTimeout(),
                        settings.startupTimeout(),
                        settings.requestStartTimeout(),
                        settings.machineTypes(),
                        settings.regions(),
                        row.getBoolean("ephemeral"),
                        row.getInt("generation"),
                        Revisions.instant(row));
        String auth = row.getString("next_auth");
        return new AliasRow(
                alias, auth == null ? null : AuthMode.valueOf(auth), row.getBoolean("next_reset"));
    }
}
