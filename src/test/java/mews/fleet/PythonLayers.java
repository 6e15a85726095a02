package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mews.host.Interpreters;

/// Packages from the index, which tests of runners share.
final class PythonLayers {
    private static final Path CACHE =
            Path.of(System.getProperty("java.io.tmpdir"))
                    .resolve("mews-test-" + System.getProperty("user.name"))
                    .resolve("layers");

    private PythonLayers() {}

    /// Installed once per machine, as a build would lay it out.
    static Path cached(String minor, String... requirements)
            throws IOException, InterruptedException {
        Path layer = CACHE.resolve(minor + "-" + String.join("-", requirements));
        if (!Files.isDirectory(layer)) {
            Files.createDirectories(CACHE);
            Path draft = Files.createTempDirectory(CACHE, "draft");
            Path python = Interpreters.ofHost().require(minor).path();
            Process pip =
                    new ProcessBuilder(
                                    Stream.concat(
                                                    Stream.of(
                                                            python.toString(),
                                                            "-m",
                                                            "pip",
                                                            "install",
                                                            "-q",
                                                            "--disable-pip-version-check",
                                                            "--target",
                                                            draft.resolve("site").toString()),
                                                    Stream.of(requirements))
                                            .toList())
                            .inheritIO()
                            .start();
            assertThat(pip.waitFor(10, TimeUnit.MINUTES) && pip.exitValue() == 0)
                    .as("pip install %s", List.of(requirements))
                    .isTrue();
            draft.toFile().setReadable(true, false);
            draft.toFile().setExecutable(true, false);
            Files.move(draft, layer, StandardCopyOption.ATOMIC_MOVE);
        }
        return layer;
    }
}
