package mews.build.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Runs the image builder. It ends with the one who waits for it, and with this server: a shell
/// beside it holds a pipe of ours, and asks it to stop when the pipe breaks.
final class BuilderProcess {
    private static final Duration GRACE = Duration.ofSeconds(12);

    private static final String SHELL =
            """
            exec 3<&0 </dev/null
            "$@" 3<&- &
            child=$!
            { read -r _ <&3; kill -TERM $child; sleep 10; kill -KILL $child; } >/dev/null 2>&1 &
            watch=$!
            exec 3<&-
            wait $child
            code=$?
            kill $watch
            exit $code
            """;

    private BuilderProcess() {}

    /// @param environment the whole environment
    /// @param limit after which it is stopped
    /// @param lines what it says, stdout and stderr as one
    /// @return its exit code; 124 if it took too long
    /// @throws InterruptedException if the waiting thread was interrupted; the builder is gone then
    static int run(
            List<String> command,
            Map<String, String> environment,
            Path workdir,
            Duration limit,
            Consumer<String> lines)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", SHELL, "mews-build"));
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.directory(workdir.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        Thread reader = Thread.ofVirtual().start(() -> read(process, lines));
        try {
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                stop(process);
                return 124;
            }
            reader.join();
            return process.exitValue();
        } catch (InterruptedException e) {
            stop(process);
            throw e;
        }
    }

    /// Waits for it to clean up behind itself, whatever interrupts.
    private static void stop(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // Broken already: just as well.
        }
        boolean interrupted = Thread.interrupted();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void read(Process process, Consumer<String> lines) {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line = reader.readLine();
            while (line != null) {
                lines.accept(line);
                line = reader.readLine();
            }
        } catch (IOException e) {
            // It is gone; its exit code tells.
        }
    }
}
