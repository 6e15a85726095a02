package mews.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import mews.host.Command;
import mews.host.Interpreters;

/// The Python programs of this room, which lie packed in ours.
final class Programs {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Programs() {}

    /// @param folder made if it is not there
    /// @param name of a program beside this class
    /// @return where it was written
    static Path write(Path folder, String name) throws IOException {
        try (InputStream script = Programs.class.getResourceAsStream(name)) {
            if (script == null) {
                throw new IOException(name + " is missing from this program");
            }
            return Files.write(
                    Files.createDirectories(folder).resolve(name), script.readAllBytes());
        }
    }

    /// Runs programs outside of sandboxes.
    ///
    /// @param wish what needs it, in words
    static Path python(String wish) throws IOException {
        return Interpreters.ofHost().all().stream()
                .findFirst()
                .orElseThrow(() ->
                        new IOException(wish + " need a python3 on this host, and there is none"))
                .path();
    }

    /// Each start would compile it anew.
    static Path compiled(Path python, Path program) throws IOException {
        Path compiled = program.resolveSibling(program.getFileName() + "c");
        Command.Result done =
                Command.run(
                        PATIENCE,
                        python.toString(),
                        "-I",
                        "-S",
                        "-B",
                        "-c",
                        "import sys, py_compile; py_compile.compile(*sys.argv[1:], doraise=True)",
                        program.toString(),
                        compiled.toString());
        if (!done.ok()) {
            throw new IOException("%s cannot be compiled: %s".formatted(program, done.lastWords()));
        }
        return compiled;
    }
}
