package mews.server;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Objects;
import java.util.stream.Stream;
import mews.base.Env;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Where Mews' own files lie that are not Java.
final class Sources {
    private static final Path RUNNER = Path.of("runner/src");

    private Sources() {}

    /// The folder of the runner's Python package: where `MEWS_RUNNER_SRC` says, else beside the
    /// launcher, else above the jar.
    static Path runner() {
        String given = Env.get("MEWS_RUNNER_SRC");
        if (given != null) {
            return Path.of(given);
        }
        return Stream.concat(launcher(), parents(program()))
                .map(folder -> folder.resolve(RUNNER))
                .filter(Files::isDirectory)
                .findFirst()
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.FAILED_PRECONDITION,
                                "the folder %s of Mews is not beside its launcher; start it by its 'mews' script, or set MEWS_RUNNER_SRC"
                                        .formatted(RUNNER)));
    }

    private static Stream<Path> launcher() {
        String launcher = System.getProperty("mews.launcher");
        return launcher == null
                ? Stream.empty()
                : Stream.of(Path.of(launcher).toAbsolutePath().resolveSibling(""));
    }

    private static @Nullable Path program() {
        CodeSource source = Sources.class.getProtectionDomain().getCodeSource();
        try {
            return source == null ? null : Path.of(source.getLocation().toURI());
        } catch (URISyntaxException e) {
            return null;
        }
    }

    private static Stream<Path> parents(@Nullable Path path) {
        return path == null
                ? Stream.empty()
                : Stream.iterate(path, Objects::nonNull, Path::getParent);
    }
}
