package mews.sandbox;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a server has on this host is somebody's as long as it holds a file locked, in the folder of
/// its sockets beside those of others. A killed one that nobody starts again would otherwise leave
/// its network and its packet filter for good.
final class Claim implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Claim.class);
    private static final String FILE = "claim";
    private static final Pattern SERVER = Pattern.compile("[0-9a-f]{8}");

    /// Of this process: to close such a file a second time would unlock it.
    private static final Set<Path> HERE = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final @Nullable FileChannel channel;

    private Claim(Path file, @Nullable FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Waits while another server sweeps what an earlier life left.
    ///
    /// @param sockets folder of this server's sockets
    /// @param server short name of this server
    static Claim stake(Path sockets, String server) throws IOException {
        Path file = Files.createDirectories(sockets).toRealPath().resolve(FILE);
        if (!HERE.add(file)) {
            return new Claim(file, null);
        }
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        channel.lock();
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(server.getBytes(StandardCharsets.US_ASCII)), 0);
        return new Claim(file, channel);
    }

    /// Has everything swept that nobody claims any more, one server after the other.
    ///
    /// @param sweep takes the short name of a server
    void sweepOthers(Consumer<String> sweep) throws IOException {
        Path all = file.resolveSibling("").resolveSibling("");
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(all)) {
            for (Path folder : folders) {
                Path other = folder.resolve(FILE);
                if (!HERE.contains(other) && Files.isRegularFile(other)) {
                    sweep(other, sweep);
                }
            }
        }
    }

    private static void sweep(Path file, Consumer<String> sweep) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.tryLock() == null) {
                return;
            }
            ByteBuffer name = ByteBuffer.allocate(8);
            channel.read(name, 0);
            String server = new String(name.array(), StandardCharsets.US_ASCII);
            if (SERVER.matcher(server).matches()) {
                LOG.info("what a server left that is gone is taken down server={}", server);
                sweep.accept(server);
            }
            // It stays: the next life of that server may wait for it.
            channel.truncate(0);
        } catch (NoSuchFileException | OverlappingFileLockException e) {
            LOG.debug("claimed or swept meanwhile file={}", file, e);
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            // Who has opened it already finds no name in it.
            channel.truncate(0);
            Files.deleteIfExists(file);
            channel.close();
            HERE.remove(file);
        }
    }
}
