package mews.build;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;

/// One program in a sandbox, from its start to its end.
final class SandboxRun {
    private SandboxRun() {}

    /// @param input what it reads
    /// @param output told each line
    /// @param errors told each line
    /// @return exit code
    static int of(
            Sandbox sandbox,
            SandboxSpec spec,
            String input,
            Consumer<String> output,
            Consumer<String> errors)
            throws InterruptedException {
        // Closing kills it: an interrupted wait leaves nothing running.
        try (SandboxProcess process = sandbox.start(spec)) {
            Thread out = Thread.ofVirtual().start(() -> read(process.stdout(), output));
            Thread err = Thread.ofVirtual().start(() -> read(process.stderr(), errors));
            feed(process, input);
            SandboxProcess.Exit exit = process.exit().get();
            out.join();
            err.join();
            return exit.code();
        } catch (IOException e) {
            throw new UncheckedIOException("the build cannot be started", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the build's end cannot be told", e);
        }
    }

    private static void feed(SandboxProcess process, String input) {
        try (OutputStream stdin = process.stdin()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading; its exit code tells.
        }
    }

    private static void read(InputStream stream, Consumer<String> lines) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines);
        } catch (IOException | UncheckedIOException e) {
            // The process is gone; its exit code tells.
        }
    }
}
