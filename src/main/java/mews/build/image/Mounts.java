package mews.build.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import mews.host.Command;

/// Mounts of file systems, as the kernel lists them.
final class Mounts {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Mounts() {}

    /// Stacks folders to one read-only file system: what a runner writes never reaches an image.
    ///
    /// @param folder that the names of `lower` are relative to: short names fit into one page. It
    ///   is told as the source, for whoever takes the layers apart again (`sandbox`, stage.py)
    /// @param lower uppermost first, two or more
    static void overlay(Path folder, List<String> lower, Path place) throws IOException {
        Command.Result done =
                Command.run(
                        PATIENCE,
                        "sh",
                        "-c",
                        "cd \"$0\" && exec mount -t overlay -o \"ro,nosuid,nodev,lowerdir=$1\" \"$0\" \"$2\"",
                        folder.toString(),
                        String.join(":", lower),
                        place.toString());
        if (!done.ok()) {
            throw new IOException("mount: " + done.lastWords());
        }
    }

    /// What a process still uses goes with that process.
    static void takeDown(Path place) {
        if (has(place) && !Command.run(PATIENCE, "umount", place.toString()).ok()) {
            Command.run(PATIENCE, "umount", "--lazy", place.toString());
        }
    }

    static boolean has(Path place) {
        Path real = real(place);
        return points().anyMatch(real::equals);
    }

    /// Innermost first.
    static List<Path> below(Path folder) {
        Path real = real(folder);
        return points().filter(point -> point.startsWith(real)).toList().reversed();
    }

    /// The kernel knows no symbolic links here.
    private static Path real(Path place) {
        try {
            return place.toRealPath();
        } catch (IOException e) {
            return place;
        }
    }

    private static Stream<Path> points() {
        try {
            return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
                    .map(line -> Path.of(line.split(" ")[1].replace("\\040", " ")));
        } catch (IOException e) {
            throw new UncheckedIOException("the mounts of this host cannot be read", e);
        }
    }
}
