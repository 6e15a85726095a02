package mews.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import mews.base.Folders;
import mews.base.Hashes;
import mews.model.Refusal;

/// Blobs as files: `<first two characters of the key>/<key>` below one folder.
public final class BlobFolder implements Blobs {
    private static final Pattern KEY = Pattern.compile("[0-9A-Za-z_-][0-9A-Za-z._-]{1,127}");

    private final Path folder;
    private final Path incoming;

    /// Deletes what an earlier life had not finished.
    ///
    /// @param files the state folder's part for files
    public BlobFolder(Path files) throws IOException {
        this.folder = Files.createDirectories(files.resolve("blobs"));
        this.incoming = files.resolve("incoming");
        Folders.delete(incoming);
        Files.createDirectories(incoming);
    }

    @Override
    public String put(InputStream content) throws IOException {
        Path temporary = Files.createTempFile(incoming, "blob", null);
        try {
            MessageDigest digest = Hashes.sha256();
            try (OutputStream out =
                    new DigestOutputStream(Files.newOutputStream(temporary), digest)) {
                content.transferTo(out);
            }
            String key = HexFormat.of().formatHex(digest.digest());
            moveTo(key, temporary);
            return key;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    @Override
    public void putAs(String key, Path content) throws IOException {
        try {
            moveTo(key, content);
        } catch (AtomicMoveNotSupportedException e) {
            Path temporary = Files.createTempFile(incoming, "blob", null);
            Files.copy(
                    content,
                    temporary,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
            moveTo(key, temporary);
            Files.delete(content);
        }
    }

    @Override
    public Optional<Path> find(String key) {
        Path file = file(key);
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    @Override
    public Set<String> missing(Collection<String> keys) {
        return keys.stream()
                .filter(key -> find(key).isEmpty())
                .collect(Collectors.toCollection(java.util.LinkedHashSet::new));
    }

    @Override
    public void delete(String key) throws IOException {
        Files.deleteIfExists(file(key));
    }

    private void moveTo(String key, Path complete) throws IOException {
        Path file = file(key);
        Path parent = folder.resolve(key.substring(0, 2));
        Files.createDirectories(parent);
        Files.move(complete, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private Path file(String key) {
        if (!KEY.matcher(key).matches()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "file key '%s' is not allowed: 2 to 128 of letters, digits, '.', '_' and '-'"
                            .formatted(key));
        }
        return folder.resolve(key.substring(0, 2)).resolve(key);
    }
}
