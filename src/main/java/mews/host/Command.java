package mews.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Runs a short command of this host to its end and keeps what it said.
public final class Command {
    private static final int MOST_OUTPUT = 1 << 20;

    private Command() {}

    /// @param code exit code; 127 if there is no such program, 124 if it took too long
    public record Result(int code, String out, String err) {
        public boolean ok() {
            return code == 0;
        }

        /// The last thing it said, one line, for a person who asks why it failed.
        public String lastWords() {
            String said = err.isBlank() ? out : err;
            List<String> lines = said.lines().filter(line -> !line.isBlank()).toList();
            return lines.isEmpty() ? "exit code " + code : lines.getLast().strip();
        }
    }

    public static Result run(Duration timeout, String... line) {
        return run(timeout, null, List.of(line));
    }

    public static Result run(Duration timeout, List<String> line) {
        return run(timeout, null, line);
    }

    /// @param environment the whole environment; null = this process's own
    public static Result run(
            Duration timeout, @Nullable Map<String, String> environment, List<String> line) {
        return run(timeout, environment, line, "");
    }

    /// @param input what it reads on stdin, then end of file
    public static Result run(
            Duration timeout,
            @Nullable Map<String, String> environment,
            List<String> line,
            String input) {
        ProcessBuilder builder = new ProcessBuilder(line);
        if (environment != null) {
            builder.environment().clear();
            builder.environment().putAll(environment);
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return new Result(127, "", line.getFirst() + ": cannot be started: " + e.getMessage());
        }
        return collect(process, timeout, input);
    }

    private static Result collect(Process process, Duration timeout, String input) {
        CompletableFuture<String> out = reader(process.getInputStream());
        CompletableFuture<String> err = reader(process.getErrorStream());
        try {
            feed(process, input);
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return stop(process, 124, "no end after " + timeout.toSeconds() + " s");
            }
            return new Result(process.exitValue(), out.join(), err.join());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return stop(process, 130, "interrupted");
        }
    }

    private static void feed(Process process, String input) {
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading; its exit code tells.
        }
    }

    private static Result stop(Process process, int code, String why) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        return new Result(code, "", why);
    }

    private static CompletableFuture<String> reader(InputStream stream) {
        CompletableFuture<String> text = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try (stream) {
                        String head =
                                new String(stream.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
                        stream.transferTo(java.io.OutputStream.nullOutputStream());
                        text.complete(head);
                    } catch (IOException e) {
                        text.completeExceptionally(new UncheckedIOException(e));
                    }
                });
        return text;
    }
}
