package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// What the public package index says about its own answers: a page holds for ten minutes, a file
/// for good. A mirror or proxy on the way may drop that, and uv would ask for each of them anew.
final class PublicIndex {
    static final String URL = "https://pypi.org/simple";

    private static final String SETTINGS =
            """
            [[index]]
            url = "%s"
            default = true
            cache-control = { api = "max-age=600", files = "max-age=31536000, immutable" }
            """
                    .formatted(URL);

    private PublicIndex() {}

    /// @return arguments that make uv take its word
    static List<String> trusted(Bench bench) {
        try {
            Path file = Files.writeString(bench.orders().resolve("index.toml"), SETTINGS);
            return List.of("--config-file", file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("uv cannot be told of the index", e);
        }
    }

    /// @return arguments that make uv ask nobody, and fail where it was told nothing
    static List<String> remembered(Bench bench) {
        List<String> arguments = new ArrayList<>(trusted(bench));
        arguments.add("--offline");
        return arguments;
    }

    /// @param anew whatever the index said of how long its answers hold
    /// @return arguments that make uv ask where it was told nothing
    static List<String> asked(boolean anew) {
        return anew ? List.of("--no-config", "--refresh") : List.of("--no-config");
    }

    /// Lines of an attempt that may be made again: what it says of its failure is held back.
    static final class Attempt implements Consumer<String> {
        private final Consumer<String> lines;
        private final List<String> held = new ArrayList<>();

        Attempt(Consumer<String> lines) {
            this.lines = lines;
        }

        @Override
        public void accept(String line) {
            if (held.isEmpty() && !line.strip().startsWith("×")) {
                lines.accept(line);
            } else {
                held.add(line);
            }
        }

        /// Whether what was wanted may have come to the index meanwhile; if not, says the rest.
        boolean isWorthAnother(Installer.Failed failure) {
            boolean another = failure.explanation().contains("No solution found");
            if (!another) {
                held.forEach(lines);
            }
            return another;
        }
    }
}
