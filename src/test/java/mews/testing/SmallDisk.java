package mews.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import mews.host.Command;

/// A file system in memory that is soon full. Where it cannot be mounted, the test is skipped.
public record SmallDisk(Path at) implements AutoCloseable {
    public static SmallDisk mount(Path at, int megabytes) throws IOException {
        Files.createDirectories(at);
        boolean mounted =
                Command.run(
                                Duration.ofSeconds(10),
                                "mount",
                                "-t",
                                "tmpfs",
                                "-o",
                                "mode=755,size=%dm".formatted(megabytes),
                                "mews-test",
                                at.toString())
                        .ok();
        assumeTrue(mounted, "mounting a small disk needs root");
        return new SmallDisk(at);
    }

    @Override
    public void close() {
        Command.run(Duration.ofSeconds(10), "umount", "-l", at.toString());
    }
}
