package mews.account;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.base.Seal;
import mews.model.Names;
import mews.model.Refusal;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// Secrets in the database, sealed with a key that is not in it. By default an account exposes all
/// of them to apps that name none. What runners are given is kept in memory, sealed too, since a
/// request may wait for a start. Thread-safe.
public final class SealedSecrets implements Secrets {
    private static final int LONGEST_VALUE = 64 * 1024;

    private record Row(String name, byte[] sealed, @Nullable Boolean exposed) {}

    private record Place(String account, String environment) {}

    private final Database database;
    private final Seal seal;
    private final InstantSource clock;
    private final Map<Place, List<Row>> known = new HashMap<>();
    private long changes;

    public SealedSecrets(Database database, Seal seal, InstantSource clock) {
        this.database = database;
        this.seal = seal;
        this.clock = clock;
    }

    @Override
    public void set(
            String account,
            String environment,
            String name,
            String value,
            @Nullable Boolean exposed) {
        Names.variable(name);
        byte[] plain = value.getBytes(StandardCharsets.UTF_8);
        if (plain.length > LONGEST_VALUE || value.indexOf('\0') >= 0) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "the value of secret '%s' must have at most %d bytes and no NUL, got %d bytes"
                            .formatted(name, LONGEST_VALUE, plain.length));
        }
        mustExist(account, environment);
        database.update(
                """
                INSERT INTO secret (account, environment, name, sealed, exposed, created_at)
                VALUES (?, ?, ?, ?, CAST(? AS boolean), ?)
                ON CONFLICT (account, environment, name) DO UPDATE
                SET sealed = excluded.sealed,
                    exposed = coalesce(excluded.exposed, secret.exposed),
                    created_at = excluded.created_at
                """,
                account,
                environment,
                name,
                seal.seal(plain),
                exposed,
                clock.instant());
        forget();
    }

    @Override
    public boolean unset(String account, String environment, String name) {
        int gone =
                database.update(
                        "DELETE FROM secret WHERE account = ? AND environment = ? AND name = ?",
                        account,
                        environment,
                        name);
        forget();
        return gone == 1;
    }

    /// To be called when secrets went without this object: with their environment.
    public void forget() {
        synchronized (known) {
            changes++;
            known.clear();
        }
    }

    @Override
    public List<SecretInfo> list(String account, String environment) {
        mustExist(account, environment);
        return database.list(
                """
                SELECT name, exposed, created_at FROM secret
                WHERE account = ? AND environment = ? ORDER BY name
                """,
                (row, _) ->
                        new SecretInfo(
                                row.getString("name"),
                                environment,
                                row.getTimestamp("created_at").toInstant(),
                                row.getObject("exposed", Boolean.class)),
                account,
                environment);
    }

    @Override
    public Optional<String> find(String account, String environment, String name) {
        return database.first(
                        """
                        SELECT sealed FROM secret
                        WHERE account = ? AND environment = ? AND name = ?
                        """,
                        (row, _) -> row.getBytes("sealed"),
                        account,
                        environment,
                        name)
                .map(this::open);
    }

    @Override
    public Map<String, String> forRunner(
            String account, String environment, @Nullable List<String> names) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Row row : rows(account, environment)) {
            boolean wanted =
                    names == null
                            ? !Boolean.FALSE.equals(row.exposed())
                            : names.contains(row.name());
            if (wanted) {
                values.put(row.name(), open(row.sealed()));
            }
        }
        if (names != null) {
            mustHave(names, values, environment);
        }
        return values;
    }

    @Override
    public int sealAgain() {
        List<byte[]> all =
                database.list("SELECT sealed FROM secret", (row, _) -> row.getBytes("sealed"));
        int again = 0;
        for (byte[] before : all) {
            // One that was set meanwhile is sealed with the newest key already.
            again +=
                    database.update(
                            "UPDATE secret SET sealed = ? WHERE sealed = ?",
                            seal.seal(seal.open(before)),
                            before);
        }
        forget();
        return again;
    }

    private static void mustHave(
            List<String> names, Map<String, String> values, String environment) {
        List<String> missing = names.stream().filter(name -> !values.containsKey(name)).toList();
        if (!missing.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "the app names secrets %s, which environment '%s' does not have; set them with 'mews secrets set NAME=VALUE'"
                            .formatted(missing, environment));
        }
    }

    private List<Row> rows(String account, String environment) {
        Place place = new Place(account, environment);
        long before;
        synchronized (known) {
            @Nullable List<Row> rows = known.get(place);
            if (rows != null) {
                return rows;
            }
            before = changes;
        }
        List<Row> read = read(account, environment);
        synchronized (known) {
            // What changed while it was read may or may not be in it.
            if (changes == before) {
                known.put(place, read);
            }
        }
        return read;
    }

    private List<Row> read(String account, String environment) {
        return database.list(
                """
                SELECT name, sealed, exposed FROM secret
                WHERE account = ? AND environment = ? ORDER BY name
                """,
                (row, _) ->
                        new Row(
                                row.getString("name"),
                                row.getBytes("sealed"),
                                row.getObject("exposed", Boolean.class)),
                account,
                environment);
    }

    private void mustExist(String account, String environment) {
        boolean exists =
                database.first(
                                "SELECT 1 FROM environment WHERE account = ? AND name = ?",
                                (row, _) -> row.getInt(1),
                                account,
                                environment)
                        .isPresent();
        if (!exists) {
            throw AccountTable.unknownEnvironment(environment);
        }
    }

    private String open(byte[] sealed) {
        return new String(seal.open(sealed), StandardCharsets.UTF_8);
    }
}
