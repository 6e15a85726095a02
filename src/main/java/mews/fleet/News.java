package mews.fleet;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells listeners what became of runners, one thing after another on a thread of its own: whoever
/// reports holds locks that a listener may want.
final class News implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(News.class);
    private static final Runnable END = () -> {};

    private final List<FleetListener> listeners = new CopyOnWriteArrayList<>();
    private final LinkedBlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
    private final Thread teller = Thread.ofVirtual().name("fleet-news").start(this::run);

    void listen(FleetListener listener) {
        listeners.add(listener);
    }

    /// @param told called for each listener, in the order of the calls to this method
    void tell(Consumer<FleetListener> told) {
        waiting.add(() -> listeners.forEach(listener -> guarded(() -> told.accept(listener))));
    }

    /// Runs `done` once everything before it was told.
    void afterwards(Runnable done) {
        waiting.add(() -> guarded(done));
    }

    @Override
    public void close() {
        waiting.add(END);
        try {
            teller.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (Runnable next = waiting.take(); next != END; next = waiting.take()) {
                next.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void guarded(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException e) {
            LOG.error("a listener of the fleet failed", e);
        }
    }
}
