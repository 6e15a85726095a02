package mews.sql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import mews.base.Env;

/// Short programs of the system, run to their end.
final class Shell {
    private static final String SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

    private Shell() {}

    record Ran(int status, String output) {}

    /// @return the exit status; 127 if there is no such program
    static int run(String... command) {
        return run(List.of(command));
    }

    static int run(List<String> command) {
        return capture(command).status();
    }

    /// @return the first line said, if the program succeeded
    static Optional<String> line(String... command) {
        Ran ran = capture(List.of(command));
        return ran.status() == 0 ? ran.output().lines().findFirst() : Optional.empty();
    }

    /// Output holds both streams.
    static Ran capture(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", SYSTEM_PATH, (path, more) -> path + ":" + more);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return new Ran(127, String.valueOf(e.getMessage()));
        }
        try {
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ran(process.waitFor(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(command.getFirst() + " cannot be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while running " + command.getFirst(), e);
        }
    }

    static boolean has(String program) {
        String path = Env.get("PATH", "") + ":" + SYSTEM_PATH;
        return Arrays.stream(path.split(":"))
                .filter(folder -> !folder.isEmpty())
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
