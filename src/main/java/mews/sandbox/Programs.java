package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import mews.base.Resources;
import mews.host.Command;

/// The Python programs of this room, which lie packed in ours.
final class Programs {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Programs() {}

    /// @param folder made if it is not there
    /// @param name of a program beside this class
    /// @return where it was written
    static Path write(Path folder, String name) throws IOException {
        return Files.writeString(
                Files.createDirectories(folder).resolve(name), Resources.text("sandbox/" + name));
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
