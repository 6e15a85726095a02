package mews.account;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import mews.base.Ids;
import mews.model.Names;
import mews.model.Refusal;
import mews.sql.Database;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/// Accounts in the database. A server's first account is `local`.
public final class AccountTable implements Accounts {
    public static final String FIRST = "local";
    static final String MAIN = "main";

    private final Database database;
    private final InstantSource clock;
    private final Map<String, Account> known = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    public AccountTable(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        database.list("SELECT * FROM account", AccountTable::account).forEach(this::remember);
    }

    /// Makes the first account where it is missing.
    public void ensureFirst() {
        if (find(FIRST).isEmpty()) {
            create(FIRST, "Local", true);
        }
    }

    @Override
    public Optional<Account> find(String nickname) {
        Account account = known.get(nickname);
        return account == null ? read(nickname) : Optional.of(account);
    }

    @Override
    public Optional<Account> findByUserId(String userId) {
        return known.values().stream()
                .filter(account -> account.userId().equals(userId))
                .findFirst();
    }

    @Override
    public List<Account> list() {
        return known.values().stream().sorted(Comparator.comparing(Account::nickname)).toList();
    }

    private void remember(Account account) {
        known.put(account.nickname(), account);
    }

    private Optional<Account> read(String nickname) {
        return database.first(
                "SELECT * FROM account WHERE nickname = ?", AccountTable::account, nickname);
    }

    @Override
    public Account create(String nickname, String fullName, boolean personal) {
        Names.nickname(nickname);
        Instant now = clock.instant();
        String id = Ids.next(clock).toString();
        boolean made =
                database.inTransaction(
                        handle -> insert(handle, nickname, id, fullName, personal, now));
        if (!made) {
            throw new Refusal(
                    Refusal.Kind.ALREADY_EXISTS, "account '%s' exists".formatted(nickname));
        }
        Account account = new Account(id, nickname, fullName, personal);
        remember(account);
        return account;
    }

    @Override
    public List<Environment> environments(String account) {
        return database.list(
                """
                SELECT name, description, created_at FROM environment WHERE account = ?
                ORDER BY name <> 'main', name
                """,
                AccountTable::environment,
                account);
    }

    @Override
    public Environment createEnvironment(String account, String name, String description) {
        Names.environment(name);
        Instant now = clock.instant();
        int rows =
                database.update(
                        "INSERT INTO environment VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                        account,
                        name,
                        description,
                        now);
        if (rows == 0) {
            throw new Refusal(
                    Refusal.Kind.ALREADY_EXISTS, "environment '%s' exists".formatted(name));
        }
        return new Environment(name, description, false, now);
    }

    @Override
    public void deleteEnvironment(String account, String name) {
        if (name.equals(MAIN)) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION, "environment 'main' cannot be deleted");
        }
        if (environments(account).stream().noneMatch(known -> known.name().equals(name))) {
            throw unknownEnvironment(name);
        }
        database.update("DELETE FROM environment WHERE account = ? AND name = ?", account, name);
        listeners.forEach(Runnable::run);
    }

    /// @param listener hears that an environment went, and its secrets with it
    public void onEnvironmentGone(Runnable listener) {
        listeners.add(listener);
    }

    static Refusal unknownEnvironment(String name) {
        return new Refusal(
                Refusal.Kind.NOT_FOUND,
                "there is no environment '%s'; make it with 'fal environments create %s'"
                        .formatted(name, name));
    }

    private static boolean insert(
            Handle handle,
            String nickname,
            String id,
            String fullName,
            boolean personal,
            Instant now) {
        int rows =
                handle.execute(
                        """
                        INSERT INTO account (nickname, id, full_name, personal, created_at)
                        VALUES (?, ?, ?, ?, ?) ON CONFLICT (nickname) DO NOTHING
                        """,
                        nickname,
                        id,
                        fullName,
                        personal,
                        now);
        if (rows == 1) {
            handle.execute("INSERT INTO environment VALUES (?, ?, '', ?)", nickname, MAIN, now);
        }
        return rows == 1;
    }

    private static Account account(ResultSet row, StatementContext context) throws SQLException {
        return new Account(
                row.getString("id"),
                row.getString("nickname"),
                row.getString("full_name"),
                row.getBoolean("personal"));
    }

    private static Environment environment(ResultSet row, StatementContext context)
            throws SQLException {
        String name = row.getString("name");
        return new Environment(
                name,
                row.getString("description"),
                name.equals(MAIN),
                row.getTimestamp("created_at").toInstant());
    }
}
