package mews.build.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import mews.base.Resources;
import mews.host.Command;
import mews.host.IdRanges;
import mews.host.Interpreters;
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

    /// @param merged empty folder, left empty
    <T> @Nullable T look(LayerStack stack, Path merged, ImageFolders.Look<T> look)
            throws IOException, InterruptedException {
        Process holder = new ProcessBuilder(line(stack, merged, List.of())).start();
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
    void make(LayerStack stack, Path merged, Path to, User user) throws IOException {
        List<String> copy =
                List.of(to.toString(), Integer.toString(user.uid()), Integer.toString(user.gid()));
        Command.Result done = Command.run(LONGEST, line(stack, merged, copy));
        if (!done.ok()) {
            throw new IOException("the image cannot be copied: " + done.lastWords());
        }
    }

    private List<String> line(LayerStack stack, Path merged, List<String> more) throws IOException {
        List<String> line = new ArrayList<>(ranges.enter());
        line.addAll(
                List.of(Interpreters.any("container images").toString(), "-I", "-S", "-B", "-c"));
        line.add(Resources.text("build/layers.py"));
        line.addAll(
                List.of(
                        stack.overlay().toString(),
                        String.join(":", stack.lower()),
                        merged.toString()));
        line.addAll(more);
        return line;
    }
}
