package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import mews.base.Json;
import tools.jackson.databind.JsonNode;

/// Runs programs as a person at a terminal does, with a state folder of their own.
final class Shell {
    static final Path CHECKOUT = Path.of("").toAbsolutePath();

    /// Long enough for an environment with large wheels on a slow machine. Tests that run in the
    /// background of a shell hand on that Ctrl-C is to be ignored.
    private static final List<String> AT_A_TERMINAL =
            List.of(
                    "python3",
                    "-c",
                    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
                            + " os.execvp(sys.argv[1], sys.argv[1:])");

    private static final Duration PATIENCE = Duration.ofMinutes(8);

    private final Path folder;
    private final Map<String, String> variables;
    private final List<String> before;

    private Shell(Path folder, Map<String, String> variables, List<String> before) {
        this.folder = folder;
        this.variables = Map.copyOf(variables);
        this.before = List.copyOf(before);
    }

    /// With a state folder below the given one, and the launcher told to use what this build has
    /// packaged.
    static Shell withHome(Path folder) {
        Path home = folder.resolve("home");
        try {
            // PostgreSQL's user has to pass through.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Shell shell =
                new Shell(
                        CHECKOUT,
                        Map.of("MEWS_HOME", home.toString(), "MEWS_BUILD", "no"),
                        List.of());
        assertThat(shell.run(CHECKOUT.resolve("mews").toString(), "--take-package").exitCode())
                .isZero();
        return shell;
    }

    static Shell plain() {
        return new Shell(CHECKOUT, Map.of(), List.of());
    }

    /// The file in which a running server tells where it is.
    Path serverFile() {
        return home().resolve("server.json");
    }

    /// The state folder.
    Path home() {
        return Path.of(String.valueOf(variables.get("MEWS_HOME")));
    }

    Shell in(Path other) {
        return new Shell(other, variables, before);
    }

    Shell with(String name, String value) {
        Map<String, String> more = new HashMap<>(variables);
        more.put(name, value);
        return new Shell(folder, more, before);
    }

    /// @param words that come before every command
    Shell behind(List<String> words) {
        return new Shell(folder, variables, words);
    }

    /// @param out standard output
    /// @param err standard error
    record Ran(int exitCode, String out, String err) {
        JsonNode json() {
            return Json.MAPPER.readTree(out);
        }

        /// What was said, for a failing assertion.
        Ran succeeded() {
            assertThat(exitCode).as("standard error:%n%s", err).isZero();
            return this;
        }
    }

    Ran mews(String... args) {
        List<String> command = new ArrayList<>(List.of(CHECKOUT.resolve("mews").toString()));
        command.addAll(List.of(args));
        return run(command.toArray(String[]::new));
    }

    Ran run(String... command) {
        return finish(start(command));
    }

    /// For what takes longer than any command of a person.
    Ran runWithin(Duration patience, String... command) {
        return finish(start(command), patience);
    }

    Process startMews(String... args) {
        List<String> command = new ArrayList<>(AT_A_TERMINAL);
        command.add(CHECKOUT.resolve("mews").toString());
        command.addAll(List.of(args));
        return start(command.toArray(String[]::new));
    }

    Process start(String... command) {
        List<String> line = new ArrayList<>(before);
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line).directory(folder.toFile());
        Map<String, String> environment = builder.environment();
        // What the one who runs the tests has set must not steer them.
        environment.keySet().removeIf(name -> name.startsWith("MEWS_") || name.startsWith("FAL_"));
        variables.forEach((name, value) -> {
            if (value.isEmpty()) {
                environment.remove(name);
            } else {
                environment.put(name, value);
            }
        });
        try {
            Path nothing = Path.of("/dev/null");
            return builder.redirectInput(nothing.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Ran finish(Process process) {
        return finish(process, PATIENCE);
    }

    private static Ran finish(Process process, Duration patience) {
        StringBuilder err = new StringBuilder();
        Thread errors = Thread.startVirtualThread(() -> err.append(text(process.getErrorStream())));
        StringBuilder out = new StringBuilder();
        Thread output = Thread.startVirtualThread(() -> out.append(text(process.getInputStream())));
        try {
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + patience + ": " + err);
            }
            output.join();
            errors.join();
            return new Ran(process.exitValue(), out.toString(), err.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static String text(InputStream stream) {
        try {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// As `kill -INT` does, or Ctrl-C at a terminal.
    static void interrupt(Process process) {
        assertThat(plain().run("kill", "-INT", String.valueOf(process.pid())).exitCode()).isZero();
    }

    static Path write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
