package mews.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import mews.base.Hashes;
import mews.model.Refusal;
import mews.sql.Database;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StorageIT {
    private static final Database DATABASE = TestDatabase.fresh();
    private final AtomicReference<Instant> now =
            new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
    private final InstantSource clock = now::get;
    @TempDir private Path files;
    private Parts parts;
    private BlobFolder blobs;
    private Uploads uploads;

    @BeforeEach
    void open() throws IOException {
        parts = new Parts(files, clock);
        blobs = new BlobFolder(files);
        uploads = new Uploads(DATABASE, files, parts, clock);
    }

    @AfterEach
    void closeUploads() {
        uploads.close();
    }

    @AfterAll
    static void close() {
        DATABASE.close();
    }

    @Test
    void keepsBytesUnderTheirHash() throws IOException {
        String key = blobs.put(bytes("hello"));
        assertThat(key).isEqualTo(Hashes.sha256Hex("hello"));
        assertThat(blobs.put(bytes("hello"))).isEqualTo(key);
        assertThat(blobs.find(key).orElseThrow()).hasContent("hello");
        assertThat(blobs.missing(List.of(key, "0000"))).containsExactly("0000");
        blobs.delete(key);
        assertThat(blobs.find(key)).isEmpty();
    }

    @Test
    void refusesKeysThatAreNoFileNames() {
        for (String key : List.of("../x", "a/b", "", ".hidden", "a\0")) {
            assertThatThrownBy(() -> blobs.find(key)).as(key).isInstanceOf(Refusal.class);
        }
    }

    @Test
    void anUploadIsWrittenOnceAndReadByIdAndName() throws IOException {
        var announced = uploads.initiate("local", "a/dist-1.0.tar.gz", "application/gzip", null);
        assertThat(announced.fileName()).isEqualTo("dist-1.0.tar.gz");
        assertThat(uploads.find(announced.id(), announced.fileName())).isEmpty();

        Uploads.Stored stored = uploads.put(announced.writeKey(), bytes("content"));

        assertThat(stored.sha256()).isEqualTo(Hashes.sha256Hex("content"));
        assertThat(stored.sizeBytes()).isEqualTo(7);
        assertThat(uploads.find(announced.id(), "dist-1.0.tar.gz")).contains(stored);
        assertThat(uploads.find(announced.id(), "other")).isEmpty();
        assertThat(uploads.find(announced.writeKey(), "dist-1.0.tar.gz")).isEmpty();
        assertThatThrownBy(() -> uploads.put(announced.writeKey(), bytes("changed")))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> uploads.put("guess", bytes("x"))).isInstanceOf(Refusal.class);
    }

    @Test
    void aFileIsFoundByItsUrlOnAnyHost() throws IOException {
        var announced = uploads.initiate("local", "a b+ä.whl", "application/zip", null);
        Uploads.Stored stored = uploads.put(announced.writeKey(), bytes("x"));
        assertThat(announced.readPath()).endsWith("/a%20b%2B%C3%A4.whl");
        assertThat(uploads.findByUrl("http://any:1" + announced.readPath())).contains(stored);
        assertThat(uploads.findByUrl("http://any/files/" + announced.id())).isEmpty();
        assertThat(uploads.findByUrl("not a url")).isEmpty();
    }

    @Test
    void partsArriveInAnyOrderAndSomeTwice() throws IOException {
        var announced = uploads.initiate("local", "big", "application/octet-stream", null);
        uploads.putPart(announced.writeKey(), 2, bytes("world"));
        uploads.putPart(announced.writeKey(), 1, bytes("garbage"));
        assertThat(uploads.putPart(announced.writeKey(), 1, bytes("hello ")).etag())
                .isEqualTo("f814893777bcc2295fff05f00e508da6");
        uploads.complete(announced.writeKey(), List.of());
        assertThat(uploads.find(announced.id(), "big").orElseThrow().file())
                .hasContent("hello world");
    }

    @Test
    void anUploadIsGoneWhenItsTimeIsOver() throws IOException {
        var announced = uploads.initiate("local", "f", "text/plain", Duration.ofSeconds(60));
        Path file = uploads.put(announced.writeKey(), bytes("x")).file();
        now.set(now.get().plusSeconds(61));
        assertThat(uploads.find(announced.id(), "f")).isEmpty();
        uploads.close();
        uploads = new Uploads(DATABASE, files, parts, clock);
        org.awaitility.Awaitility.await().until(() -> !Files.exists(file));
    }

    @Test
    void anAppFileIsKeptOnlyUnderItsTrueHash() throws IOException {
        String hash = Hashes.sha256Hex("print()33261");
        String upload = new AppFiles(blobs, parts).begin(hash);
        parts.put(upload, 1, bytes("print()"));
        new AppFiles(blobs, parts).complete(hash, "33261", upload, List.of(1));

        Path kept = blobs.find(hash).orElseThrow();
        assertThat(kept).hasContent("print()");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rwxr-xr-x");
        String wrong = "0".repeat(64);
        String other = new AppFiles(blobs, parts).begin(wrong);
        parts.put(other, 1, bytes("print()"));
        assertThatThrownBy(
                        () -> new AppFiles(blobs, parts).complete(wrong, "33261", other, List.of()))
                .hasMessageContaining(hash);
        assertThat(blobs.find(wrong)).isEmpty();
        assertThatThrownBy(() -> new AppFiles(blobs, parts).begin(hash))
                .isInstanceOf(Refusal.class);
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
