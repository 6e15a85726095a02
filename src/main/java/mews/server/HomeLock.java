package mews.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import mews.base.Home;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// One server for each state folder. The lock is the kernel's, so a killed server leaves none
/// behind.
final class HomeLock implements AutoCloseable {
    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws Refusal naming the process that holds the folder
    static HomeLock take(Home home) throws IOException {
        if (!Files.isDirectory(home.root())) {
            Files.createDirectories(home.root());
            // Others pass through to what is theirs; they need not see what is here.
            Files.setPosixFilePermissions(
                    home.root(), PosixFilePermissions.fromString("rwx--x--x"));
        }
        Path file = home.root().resolve("lock");
        FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        @Nullable FileLock lock = tryLock(channel);
        if (lock == null) {
            String holder = Files.readString(file).strip();
            channel.close();
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "%s belongs to a server that is running already (process %s%s); use it, stop it, or set MEWS_HOME to another folder"
                            .formatted(home.root(), holder, address(home)));
        }
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(
                        Long.toString(ProcessHandle.current().pid())
                                .getBytes(StandardCharsets.UTF_8)),
                0);
        return new HomeLock(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String address(Home home) {
        return ServerFile.read(home).map(file -> ", " + file.api()).orElse("");
    }
}
