package mews.fleet;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What must be given back when a runner ends, in the reverse order of taking. One step that fails
/// stops no other.
final class Closing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    private record Named(String what, Step step) {}

    private final UUID runner;
    private final Deque<Named> steps = new ArrayDeque<>();

    Closing(UUID runner) {
        this.runner = runner;
    }

    void later(String what, Step step) {
        steps.push(new Named(what, step));
    }

    /// Runs every step once.
    @Override
    public void close() {
        while (!steps.isEmpty()) {
            Named next = steps.pop();
            try {
                next.step().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("runner not cleaned up runner_id={} what={}", runner, next.what(), e);
            }
        }
    }
}
