package mews.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import mews.base.Hashes;
import mews.base.Ids;
import mews.base.Loop;
import mews.model.Refusal;
import mews.sql.Database;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/// Files that someone hands over by URL: announced, written once by whoever holds the write key,
/// read by whoever holds the id, gone when their time is over. Thread-safe; blocks. protocol:
/// control 3.7, data 12.1
public final class Uploads implements AutoCloseable {
    /// `READ{id}/{file name}` reads.
    public static final String READ = "/storage/files/b/";

    /// `WRITE{write key}` writes.
    public static final String WRITE = "/storage/upload/";

    private static final int LONGEST_NAME = 255;
    private static final Duration UNFINISHED = Duration.ofDays(1);
    private static final Duration SWEEP = Duration.ofMinutes(1);

    /// An announced file.
    ///
    /// @param id unguessable, part of the URL that reads
    /// @param writeKey unguessable, part of the URL that writes; also the id for `Parts`
    /// @param fileName without any `/`, as the last segment of the URL that reads
    public record Announced(String id, String writeKey, String fileName) {
        /// Path of the URL that reads; ends with the file name, by which installers know archives.
        public String readPath() {
            return READ + id + "/" + encoded(fileName);
        }

        /// Path of the URL that takes the bytes; of parts with `/{number}` behind it, of their end
        /// with `/complete`.
        public String writePath() {
            return WRITE + writeKey;
        }
    }

    /// A complete file.
    public record Stored(
            String id,
            Path file,
            String fileName,
            String contentType,
            String sha256,
            long sizeBytes,
            @Nullable Instant expiresAt) {}

    private final Database database;
    private final Path folder;
    private final Parts parts;
    private final InstantSource clock;
    private final Loop sweep;

    /// @param files the state folder's part for files
    public Uploads(Database database, Path files, Parts parts, InstantSource clock)
            throws IOException {
        this.database = database;
        this.folder = Files.createDirectories(files.resolve("uploads"));
        this.parts = parts;
        this.clock = clock;
        Path swept = folder;
        this.sweep =
                Loop.start("upload-expiry", SWEEP, () -> expire(database, swept, parts, clock));
    }

    /// Announces a file.
    ///
    /// @param fileName only its last path segment counts
    /// @param lifetime null: kept for good
    public Announced initiate(
            String account, String fileName, String contentType, @Nullable Duration lifetime)
            throws IOException {
        String name = lastSegment(fileName);
        Announced announced =
                new Announced(
                        Ids.token(24).replace('-', 'a').replace('_', 'b'), parts.begin(), name);
        Instant now = clock.instant();
        database.update(
                """
                INSERT INTO upload
                    (id, write_key, account, file_name, content_type, created_at, expires_at)
                VALUES (?, ?, ?, ?, ?, ?, CAST(? AS timestamptz))
                """,
                announced.id(),
                announced.writeKey(),
                account,
                name,
                contentType,
                now,
                lifetime == null ? null : now.plus(lifetime));
        return announced;
    }

    /// Takes the whole file in.
    ///
    /// @throws Refusal if the key is unknown or the file was written before
    public Stored put(String writeKey, InputStream content) throws IOException {
        String id = unwritten(writeKey);
        Path temporary = Files.createTempFile(folder, ".incoming", null);
        MessageDigest digest = Hashes.sha256();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(temporary), digest)) {
            content.transferTo(out);
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
        return keep(id, writeKey, temporary, HexFormat.of().formatHex(digest.digest()));
    }

    /// Takes one part of a file in.
    ///
    /// @throws Refusal if the key is unknown
    public Parts.Part putPart(String writeKey, int number, InputStream content) throws IOException {
        unwritten(writeKey);
        return parts.put(writeKey, number, content);
    }

    /// Completes a file that came in parts.
    ///
    /// @param numbers empty: all parts that arrived
    public Stored complete(String writeKey, List<Integer> numbers) throws IOException {
        String id = unwritten(writeKey);
        Path whole = parts.assemble(writeKey, numbers);
        MessageDigest digest = Hashes.sha256();
        try (InputStream content = Files.newInputStream(whole);
                OutputStream out =
                        new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            content.transferTo(out);
        }
        return keep(id, writeKey, whole, HexFormat.of().formatHex(digest.digest()));
    }

    /// @return empty if there is none, it has another name, is not complete or its time is over
    public Optional<Stored> find(String id, String fileName) {
        return database.first(
                        """
                        SELECT * FROM upload
                        WHERE id = ? AND file_name = ? AND sha256 IS NOT NULL
                            AND (expires_at IS NULL OR expires_at > ?)
                        """,
                        this::stored,
                        id,
                        fileName,
                        clock.instant())
                .filter(stored -> Files.isRegularFile(stored.file()));
    }

    /// Finds the file that a URL of ours reads; host and scheme do not count, since one server has
    /// several.
    ///
    /// @return empty also if the URL is none of ours
    public Optional<Stored> findByUrl(String url) {
        try {
            String path = new URI(url).getPath();
            if (path == null || !path.startsWith(READ)) {
                return Optional.empty();
            }
            String[] halves = path.substring(READ.length()).split("/", 2);
            return halves.length == 2 ? find(halves[0], halves[1]) : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        sweep.close();
    }

    private Stored keep(String id, String writeKey, Path complete, String sha256)
            throws IOException {
        Path file = folder.resolve(id);
        long size = Files.size(complete);
        Files.move(complete, file, StandardCopyOption.ATOMIC_MOVE);
        database.update(
                "UPDATE upload SET sha256 = ?, size_bytes = ? WHERE id = ? AND sha256 IS NULL",
                sha256,
                size,
                id);
        parts.cancel(writeKey);
        return database.first("SELECT * FROM upload WHERE id = ?", this::stored, id).orElseThrow();
    }

    /// @return the id of the announced file
    private String unwritten(String writeKey) {
        record Found(String id, boolean written) {}
        Found found =
                database.first(
                                "SELECT id, sha256 FROM upload WHERE write_key = ?",
                                (row, _) ->
                                        new Found(
                                                row.getString("id"),
                                                row.getString("sha256") != null),
                                writeKey)
                        .orElseThrow(() ->
                                new Refusal(
                                        Refusal.Kind.NOT_FOUND,
                                        "there is no such upload; start it again"));
        if (found.written()) {
            throw new Refusal(
                    Refusal.Kind.ALREADY_EXISTS,
                    "this file was uploaded before and never changes; start another upload");
        }
        return found.id();
    }

    private Stored stored(ResultSet row, StatementContext context) throws SQLException {
        java.sql.Timestamp expires = row.getTimestamp("expires_at");
        return new Stored(
                row.getString("id"),
                folder.resolve(row.getString("id")),
                row.getString("file_name"),
                row.getString("content_type"),
                row.getString("sha256"),
                row.getLong("size_bytes"),
                expires == null ? null : expires.toInstant());
    }

    private static void expire(Database database, Path folder, Parts parts, InstantSource clock) {
        Instant now = clock.instant();
        List<String> over =
                database.list(
                        """
                        DELETE FROM upload
                        WHERE expires_at <= ? OR (sha256 IS NULL AND created_at < ?) RETURNING id
                        """,
                        (row, _) -> row.getString("id"),
                        now,
                        now.minus(UNFINISHED));
        try {
            for (String id : over) {
                Files.deleteIfExists(folder.resolve(id));
            }
            parts.sweep();
        } catch (IOException e) {
            throw new UncheckedIOException("expired files cannot be deleted", e);
        }
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String lastSegment(String fileName) {
        String name = fileName.substring(fileName.lastIndexOf('/') + 1).strip();
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
            return "file";
        }
        return name.length() <= LONGEST_NAME ? name : name.substring(name.length() - LONGEST_NAME);
    }
}
