package mews.deploy;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import mews.base.Json;
import mews.base.Seal;
import mews.build.ImageUsers;
import mews.model.AppName;
import mews.model.Callable;
import mews.model.Image;
import mews.model.Refusal;
import mews.model.Revision;
import mews.sql.Database;
import org.jspecify.annotations.Nullable;

/// The table of revisions.
final class Revisions {
    private static final String WHOLE =
            """
            SELECT id, owner, alias, environment, callable, source_code, settings, metadata, image,
                   created_at
            FROM revision
            """;

    private final Database database;
    private final RevisionCodec codec;

    Revisions(Database database, Seal seal) {
        this.database = database;
        this.codec = new RevisionCodec(seal);
    }

    void add(Revision revision, boolean ephemeral) {
        database.update(
                """
                INSERT INTO revision (id, owner, alias, environment, callable, source_code,
                                      settings, metadata, image, ephemeral, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                revision.id(),
                revision.app().owner(),
                revision.app().alias(),
                codec.sealed(revision.spec().environment()),
                codec.sealed(revision.spec().callable()),
                codec.sealed(revision.spec().sourceCode()),
                Json.write(RevisionCodec.Settings.of(revision.spec())),
                Json.write(revision.spec().metadata()),
                Json.write(revision.image()),
                ephemeral,
                revision.createdAt());
    }

    Optional<Revision> find(UUID id) {
        return database.first(WHOLE + "WHERE id = ?", (row, context) -> revision(row), id);
    }

    /// Newest first; runs are left out, since nothing can be done with them.
    List<Aliases.Listed> list(String owner, @Nullable AppName app) {
        String query =
                """
                SELECT id, owner, alias, settings, given_up, created_at
                FROM revision
                WHERE owner = ? AND NOT ephemeral
                """;
        return app == null
                ? database.list(query + "ORDER BY id DESC", (row, context) -> listed(row), owner)
                : database.list(
                        query + "AND alias = ? ORDER BY id DESC",
                        (row, context) -> listed(row),
                        owner,
                        app.alias());
    }

    /// @param prefix of an id, in lower case
    /// @return newest first, at most `most`
    List<UUID> startingWith(String owner, @Nullable AppName app, String prefix, int most) {
        return database.list(
                """
                SELECT id FROM revision
                WHERE owner = ? AND (? = '' OR alias = ?) AND NOT ephemeral
                  AND starts_with(id::text, ?)
                ORDER BY id DESC LIMIT ?
                """,
                (row, context) -> row.getObject(1, UUID.class),
                owner,
                app == null ? "" : app.alias(),
                app == null ? "" : app.alias(),
                prefix,
                most);
    }

    Optional<Image> image(UUID id) {
        return database.first(
                "SELECT image FROM revision WHERE id = ?", (row, context) -> image(row), id);
    }

    /// Environments of the newest revisions of each app there is.
    List<ImageUsers.Use> newest(int each) {
        return database.list(
                """
                SELECT r.image, r.id, a.owner, a.alias
                FROM alias a JOIN LATERAL (
                    SELECT image, id FROM revision
                    WHERE owner = a.owner AND alias = a.alias ORDER BY id DESC LIMIT ?) r ON true
                ORDER BY a.owner, a.alias, r.id
                """,
                (row, context) ->
                        new ImageUsers.Use(
                                image(row),
                                row.getString("owner"),
                                "app %s (revision %s)"
                                        .formatted(row.getString("alias"), row.getString("id"))),
                each);
    }

    /// Keys of the layers of all there are.
    Set<String> layers() {
        return database
                .list("SELECT DISTINCT image FROM revision", (row, context) -> image(row))
                .stream()
                .flatMap(image -> image.layers().stream())
                .collect(Collectors.toSet());
    }

    boolean delete(String owner, UUID id) {
        return database.update("DELETE FROM revision WHERE owner = ? AND id = ?", owner, id) == 1;
    }

    void giveUp(UUID id, String reason) {
        database.update("UPDATE revision SET given_up = ? WHERE id = ?", reason, id);
    }

    void hope(UUID id) {
        database.update("UPDATE revision SET given_up = NULL WHERE id = ?", id);
    }

    Optional<String> givenUp(UUID id) {
        return database.first(
                "SELECT given_up FROM revision WHERE id = ? AND given_up IS NOT NULL",
                (row, context) -> row.getString(1),
                id);
    }

    /// Those of runs that nothing points to.
    void deleteEphemeral() {
        database.update(
                """
                DELETE FROM revision r
                WHERE r.ephemeral
                  AND NOT EXISTS (SELECT 1 FROM alias a WHERE r.id IN (a.serving, a.next))
                """);
    }

    private Callable kept(UUID id, Callable callable) {
        return callable
                        instanceof
                        Callable.Pickled(String method, byte[] any, byte @Nullable [] setup)
                ? new Callable.Kept(method, () -> definition(id), setup)
                : callable;
    }

    private byte[] definition(UUID id) {
        return database.first(
                        "SELECT callable FROM revision WHERE id = ?",
                        (row, context) -> codec.callable(row.getBytes(1)),
                        id)
                .filter(Callable.Pickled.class::isInstance)
                .map(Callable.Pickled.class::cast)
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.NOT_FOUND,
                                "revision '%s' was deleted meanwhile; deploy it again"
                                        .formatted(id)))
                .definition();
    }

    private Revision revision(ResultSet row) throws SQLException {
        UUID id = row.getObject("id", UUID.class);
        var spec =
                RevisionCodec.settings(row.getString("settings"))
                        .with(
                                codec.environment(row.getBytes("environment")),
                                kept(id, codec.callable(row.getBytes("callable"))),
                                RevisionCodec.metadata(row.getString("metadata")),
                                codec.text(row.getBytes("source_code")));
        return new Revision(id, app(row), spec, image(row), instant(row));
    }

    private static Aliases.Listed listed(ResultSet row) throws SQLException {
        RevisionCodec.Settings settings = RevisionCodec.settings(row.getString("settings"));
        return new Aliases.Listed(
                row.getObject("id", UUID.class),
                app(row),
                settings.machineTypes(),
                settings.regions(),
                settings.scale(),
                settings.timeouts(),
                row.getString("given_up"),
                instant(row));
    }

    private static Image image(ResultSet row) throws SQLException {
        return Json.MAPPER.readValue(row.getString("image"), Image.class);
    }

    private static AppName app(ResultSet row) throws SQLException {
        return new AppName(row.getString("owner"), row.getString("alias"));
    }

    static Instant instant(ResultSet row) throws SQLException {
        return row.getObject("created_at", OffsetDateTime.class).toInstant();
    }
}
