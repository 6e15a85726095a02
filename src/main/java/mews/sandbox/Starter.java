package mews.sandbox;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Starts every process from one thread that never ends: the kernel ties "die with your parent" to
/// the thread that started a process, so a pooled thread would take its children with it.
final class Starter {
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("mews-starter").daemon(true).factory());

    Process start(List<String> command, Map<String, String> environment, @Nullable Path workdir)
            throws IOException {
        Future<Process> started = thread.submit(() -> run(command, environment, workdir));
        try {
            return started.get();
        } catch (InterruptedException e) {
            // Whether it was started is unknown, so wait for it and take it down again.
            discard(started);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while starting " + command.getFirst(), e);
        } catch (ExecutionException e) {
            throw new IOException(
                    "cannot start %s: %s".formatted(command.getFirst(), e.getCause()), e);
        }
    }

    private static Process run(
            List<String> command, Map<String, String> environment, @Nullable Path workdir)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        if (workdir != null) {
            builder.directory(workdir.toFile());
        }
        return builder.start();
    }

    private void discard(Future<Process> started) {
        thread.execute(() -> {
            if (started.state() == Future.State.SUCCESS) {
                started.resultNow().destroyForcibly();
            }
        });
    }
}
