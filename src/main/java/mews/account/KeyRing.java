package mews.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
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
import org.jspecify.annotations.Nullable;

/// Keys in the database, all of them in memory too: this server is the only one that writes them.
public final class KeyRing implements Keys {
    /// 256 bits: a secret that cannot be guessed needs no slow hash.
    private static final int SECRET_BYTES = 32;

    private static final byte[] NOBODY = new byte[32];

    private record Held(byte[] hash, Caller caller) {}

    private final Database database;
    private final InstantSource clock;
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    private final Map<String, Held> runners = new ConcurrentHashMap<>();

    /// Reads all keys.
    public KeyRing(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        database.list(
                        "SELECT id, account, scope, hash FROM api_key",
                        (row, _) ->
                                new Held(
                                        row.getBytes("hash"),
                                        caller(
                                                row.getString("id"),
                                                row.getString("account"),
                                                KeyScope.valueOf(row.getString("scope")))))
                .forEach(key -> held.put(key.caller().keyId(), key));
    }

    @Override
    public NewKey create(String account, KeyScope scope, String description) {
        NewKey key = generate();
        byte[] hash = hash(key.secret());
        Instant now = clock.instant();
        database.update(
                "INSERT INTO api_key VALUES (?, ?, ?, ?, ?, ?)",
                key.id(),
                account,
                scope.name(),
                description,
                hash,
                now);
        held.put(key.id(), new Held(hash, caller(key.id(), account, scope)));
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
    public @Nullable Caller authenticate(String id, String secret) {
        Held key = held.get(id);
        if (key == null) {
            key = runners.get(id);
        }
        // An unknown id costs as much time as a known one.
        byte[] known = key == null ? NOBODY : key.hash();
        boolean matches = MessageDigest.isEqual(known, hash(secret));
        return key != null && matches ? key.caller() : null;
    }

    @Override
    public NewKey issueToRunner(String account) {
        NewKey key = generate();
        runners.put(
                key.id(), new Held(hash(key.secret()), caller(key.id(), account, KeyScope.API)));
        return key;
    }

    @Override
    public void revokeRunnerKey(String id) {
        runners.remove(id);
    }

    private NewKey generate() {
        return new NewKey(Ids.next(clock).toString(), Ids.token(SECRET_BYTES));
    }

    private static Caller caller(String id, String account, KeyScope scope) {
        return new Caller(account, account, id, scope);
    }

    private static byte[] hash(String secret) {
        return Hashes.sha256().digest(secret.getBytes(StandardCharsets.UTF_8));
    }
}
