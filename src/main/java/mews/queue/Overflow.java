package mews.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Bodies too large for a row, as files that are on disk before the row that names them is
/// committed.
final class Overflow {
    /// A body up to this size lives in its row.
    static final int MOST_IN_ROW = 1 << 20;

    private final Path folder;

    Overflow(Path folder) {
        this.folder = folder;
    }

    static boolean tooLarge(byte[] content) {
        return content.length > MOST_IN_ROW;
    }

    static String requestName(UUID id) {
        return id + ".request";
    }

    /// The token is in the name, so that two who both believe to hold the lease never write the
    /// same file.
    static String resultName(UUID id, long token) {
        return id + "." + token + ".result";
    }

    void write(String name, byte[] content) {
        Path target = path(name);
        Path partial = target.resolveSibling(name + ".partial");
        try {
            Files.createDirectories(target.getParent());
            try (FileChannel channel =
                    FileChannel.open(
                            partial,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(target.getParent())) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep a large body in " + target, e);
        }
    }

    /// @throws UncheckedIOException if it is gone
    byte[] read(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read a large body from " + path(name), e);
        }
    }

    void delete(String name) {
        try {
            Files.deleteIfExists(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path(name), e);
        }
    }

    /// Names of all files, those of interrupted writes among them.
    List<String> names() {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    /// The last two digits are random; the first ones of a UUIDv7 are the time.
    private Path path(String name) {
        return folder.resolve(name.substring(34, 36)).resolve(name);
    }
}
