package mews.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import mews.base.Json;
import mews.host.Command;
import mews.model.ContainerSettings;

/// An image as a builder leaves it on this machine, without any builder.
public final class ImageFolder {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private ImageFolder() {}

    /// Unpacks its layer.
    ///
    /// @param image folder to make, that holds `rootfs`
    /// @return the root file system
    public static Path unpack(TestImage image, Path folder) throws IOException {
        Path files = Files.createDirectories(folder.resolve("rootfs"));
        Command.Result ran =
                Command.run(
                        PATIENCE, "tar", "-C", files.toString(), "-xpzf", image.layer().toString());
        if (!ran.ok()) {
            throw new IOException("tar: " + ran.lastWords());
        }
        return files;
    }

    public static void settings(Path folder, ContainerSettings settings) throws IOException {
        Files.write(
                folder.resolve("settings.json"),
                Json.write(settings).getBytes(StandardCharsets.UTF_8));
    }
}
