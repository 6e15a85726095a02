package mews.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import mews.base.Hashes;
import mews.base.Ids;
import mews.model.Caller;
import mews.model.KeyScope;
import mews.sql.Database;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/// Keys in the database, all of them in memory too: this server is the only one that writes them.
public final class KeyRing implements Keys {
    /// 256 bits: a secret that cannot be guessed needs no slow hash.
    private static final int SECRET_BYTES = 32;

    private static final byte[] NOBODY = new byte[32];

    private record Held(byte[] hash, Caller caller, Instant expires) {}

    private final Database database;
    private final InstantSource clock;
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final Map<String, Held> runners = new ConcurrentHashMap<>();
    private final Guesses guesses;

    /// Reads all keys.
    public KeyRing(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.guesses = new Guesses(clock);
        database.update("DELETE FROM api_key WHERE expires_at < ?", clock.instant());
        database.list(
                        "SELECT id, account, user_name, scope, hash, expires_at FROM api_key",
                        KeyRing::held)
                .forEach(key -> held.put(key.caller().keyId(), key));
    }

    @Override
    public NewKey create(Wish wish) {
        NewKey key = generate();
        byte[] hash = hash(key.secret());
        database.update(
                """
                INSERT INTO api_key
                    (id, account, user_name, scope, description, hash, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, CAST(? AS timestamptz))
                """,
                key.id(),
                wish.account(),
                wish.user(),
                wish.scope().name(),
                wish.description(),
                hash,
                clock.instant(),
                wish.expires());
        Caller caller = new Caller(wish.account(), wish.user(), key.id(), wish.scope());
        Instant expires = wish.expires();
        held.put(key.id(), new Held(hash, caller, expires == null ? Instant.MAX : expires));
        return key;
    }

    @Override
    public List<KeyInfo> list(String account) {
        return database.list(
                """
                SELECT id, scope, description, created_at FROM api_key WHERE account = ?
                ORDER BY created_at, id
                """,
                (row, _) ->
                        new KeyInfo(
                                row.getString("id"),
                                KeyScope.valueOf(row.getString("scope")),
                                row.getString("description"),
                                row.getTimestamp("created_at").toInstant()),
                account);
    }

    @Override
    public boolean revoke(String account, String id) {
        int rows = database.update("DELETE FROM api_key WHERE account = ? AND id = ?", account, id);
        if (rows == 1) {
            held.remove(id);
        }
        return rows == 1;
    }

    @Override
    public void revokeAll(String account, String user) {
        database.update("DELETE FROM api_key WHERE account = ? AND user_name = ?", account, user);
        held.values()
                .removeIf(key ->
                        key.caller().account().equals(account) && key.caller().user().equals(user));
    }

    @Override
    public @Nullable Caller authenticate(String id, String secret, String from) {
        guesses.allow(from, id);
        Caller caller = authenticate(id, secret);
        if (caller == null) {
            guesses.failed(from, id);
        }
        return caller;
    }

    @Override
    public @Nullable Caller authenticate(String id, String secret) {
        Held key = held.get(id);
        if (key == null) {
            key = runners.get(id);
        }
        // An unknown id costs as much time as a known one.
        byte[] known = key == null ? NOBODY : key.hash();
        boolean matches = MessageDigest.isEqual(known, hash(secret));
        boolean lasts = key != null && key.expires().isAfter(clock.instant());
        return key != null && matches && lasts ? key.caller() : null;
    }

    @Override
    public NewKey issueToRunner(String account) {
        NewKey key = generate();
        Caller caller = new Caller(account, account, key.id(), KeyScope.API);
        runners.put(key.id(), new Held(hash(key.secret()), caller, Instant.MAX));
        return key;
    }

    @Override
    public void revokeRunnerKey(String id) {
        runners.remove(id);
    }

    private NewKey generate() {
        return new NewKey(Ids.next(clock).toString(), Ids.token(SECRET_BYTES));
    }

    private static Held held(ResultSet row, StatementContext context) throws SQLException {
        String account = row.getString("account");
        String user = row.getString("user_name");
        Timestamp expires = row.getTimestamp("expires_at");
        return new Held(
                row.getBytes("hash"),
                new Caller(
                        account,
                        user == null ? account : user,
                        row.getString("id"),
                        KeyScope.valueOf(row.getString("scope"))),
                expires == null ? Instant.MAX : expires.toInstant());
    }

    private static byte[] hash(String secret) {
        return Hashes.sha256().digest(secret.getBytes(StandardCharsets.UTF_8));
    }
}
