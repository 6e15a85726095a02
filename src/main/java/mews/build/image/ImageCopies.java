package mews.build.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import mews.host.Command;
import mews.host.IdRanges;
import mews.sandbox.SandboxSpec.User;
import org.jspecify.annotations.Nullable;

/// File systems of images where this server may mount nothing: seen in a namespace for a while, and
/// copied when an image is finished. What belongs to the image's user is this server's own.
final class ImageCopies {
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private final IdRanges ranges;

    ImageCopies(IdRanges ranges) {
        this.ranges = ranges;
    }

    /// @param overlay folder that the names of `lower` are relative to
    /// @param merged empty folder, left empty
    <T> @Nullable T look(Path overlay, List<String> lower, Path merged, ImageFolders.Look<T> look)
            throws IOException, InterruptedException {
        Process holder = new ProcessBuilder(line(overlay, lower, merged, List.of())).start();
        try (var said =
                new BufferedReader(
                        new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))) {
            @Nullable String number = said.readLine();
            if (number == null) {
                String why =
                        new String(holder.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                throw new IOException("the image cannot be seen: " + why.strip());
            }
            Path files = Path.of("/proc", number, "root");
            return look.at(
                    new ImageFolders.Seen(
                            files.resolve(merged.toString().substring(1)),
                            List.of("nsenter", "--target", number, "--user", "--mount", "--"),
                            merged));
        } finally {
            holder.getOutputStream().close();
            holder.waitFor();
        }
    }

    /// @param to empty folder on the same disk
    void make(Path overlay, List<String> lower, Path merged, Path to, User user)
            throws IOException {
        List<String> copy =
                List.of(to.toString(), Integer.toString(user.uid()), Integer.toString(user.gid()));
        Command.Result done = Command.run(LONGEST, line(overlay, lower, merged, copy));
        if (!done.ok()) {
            throw new IOException("the image cannot be copied: " + done.lastWords());
        }
    }

    private List<String> line(Path overlay, List<String> lower, Path merged, List<String> more)
            throws IOException {
        List<String> line = new ArrayList<>(ranges.enter());
        line.addAll(List.of(IdRanges.python().toString(), "-I", "-S", "-B", "-c"));
        line.add(program("layers.py"));
        line.addAll(List.of(overlay.toString(), String.join(":", lower), merged.toString()));
        line.addAll(more);
        return line;
    }

    /// The text of a Python program of this room.
    static String program(String name) throws IOException {
        try (InputStream in = ImageCopies.class.getResourceAsStream("/mews/build/" + name)) {
            if (in == null) {
                throw new IOException(name + " is missing from this program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
