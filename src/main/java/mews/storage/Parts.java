package mews.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Ids;
import mews.model.Refusal;

/// Files that arrive in parts, out of order and some twice, and are put together at the end.
/// Thread-safe. protocol: control 3.4, data 12.1
public final class Parts {
    private static final int MOST_PARTS = 10_000;
    private static final Duration PATIENCE = Duration.ofDays(1);

    private final Path folder;
    private final InstantSource clock;

    /// A part that was received.
    ///
    /// @param number from 1
    /// @param etag MD5 hex of its bytes, as clients send it back
    public record Part(int number, String etag) {}

    /// @param files the state folder's part for files
    public Parts(Path files, InstantSource clock) throws IOException {
        this.folder = Files.createDirectories(files.resolve("parts"));
        this.clock = clock;
    }

    /// @return the id of a new multipart upload, unguessable
    public String begin() throws IOException {
        String id = "p" + Ids.token(24).replace('-', 'a').replace('_', 'b');
        Files.createDirectory(folder.resolve(id));
        return id;
    }

    /// Takes a part in; the same number again replaces it.
    ///
    /// @throws Refusal if the upload is unknown or the number out of range
    public Part put(String id, int number, InputStream content) throws IOException {
        Path upload = upload(id);
        if (number < 0 || number > MOST_PARTS) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "part numbers go from 0 to %d, got %d".formatted(MOST_PARTS, number));
        }
        Path temporary = Files.createTempFile(upload, "incoming", null);
        MessageDigest digest = md5();
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(temporary), digest)) {
            content.transferTo(out);
        }
        Files.move(
                temporary,
                upload.resolve(Integer.toString(number)),
                StandardCopyOption.ATOMIC_MOVE);
        return new Part(number, HexFormat.of().formatHex(digest.digest()));
    }

    /// Puts the parts together in the order of their numbers and forgets the upload.
    ///
    /// @param numbers the parts that make the file; empty: all that arrived
    /// @return a file that now belongs to the caller
    /// @throws Refusal if the upload or one of the parts is unknown
    public Path assemble(String id, List<Integer> numbers) throws IOException {
        Path upload = upload(id);
        List<Integer> wanted = numbers.isEmpty() ? arrived(upload) : new ArrayList<>(numbers);
        wanted.sort(Comparator.naturalOrder());
        Path whole = Files.createTempFile(folder, "whole", null);
        try (OutputStream out = Files.newOutputStream(whole)) {
            for (int number : wanted) {
                Path part = upload.resolve(Integer.toString(number));
                if (!Files.isRegularFile(part)) {
                    throw new Refusal(
                            Refusal.Kind.FAILED_PRECONDITION,
                            "part %d was not uploaded; send it again, then complete"
                                    .formatted(number));
                }
                Files.copy(part, out);
            }
        } catch (IOException | Refusal e) {
            Files.deleteIfExists(whole);
            throw e;
        }
        Folders.delete(upload);
        return whole;
    }

    /// Forgets an upload; an unknown one is no error.
    public void cancel(String id) throws IOException {
        Folders.delete(folder.resolve(id(id)));
    }

    /// Forgets what nobody completed within a day.
    void sweep() throws IOException {
        Instant oldest = clock.instant().minus(PATIENCE);
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.toList()) {
                try {
                    if (Files.getLastModifiedTime(path).toInstant().isBefore(oldest)) {
                        Folders.delete(path);
                    }
                } catch (NoSuchFileException e) {
                    // It was completed or cancelled meanwhile.
                }
            }
        }
    }

    private static List<Integer> arrived(Path upload) throws IOException {
        try (Stream<Path> parts = Files.list(upload)) {
            return new ArrayList<>(
                    parts.map(part -> part.getFileName().toString())
                            .filter(name -> Character.isDigit(name.charAt(0)))
                            .map(Integer::valueOf)
                            .toList());
        }
    }

    private Path upload(String id) {
        Path upload = folder.resolve(id(id));
        if (!Files.isDirectory(upload)) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "there is no such upload; it was completed, cancelled or is over a day old");
        }
        return upload;
    }

    private static String id(String id) {
        if (!id.matches("p[0-9A-Za-z]{8,64}")) {
            throw new Refusal(Refusal.Kind.NOT_FOUND, "there is no such upload");
        }
        return id;
    }

    private static MessageDigest md5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
