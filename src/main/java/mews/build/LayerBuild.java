package mews.build;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One build that is under way: all who want its key wait here and see every line from its
/// beginning. When the last one leaves, it stops. Thread-safe.
public final class LayerBuild {
    private static final Logger LOG = LoggerFactory.getLogger(LayerBuild.class);

    private final List<String> said = new ArrayList<>();
    private final List<Consumer<String>> listeners = new ArrayList<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private final Thread worker;
    private int waiting;
    private boolean givenUp;

    /// Work that can be interrupted.
    public interface Work {
        /// @return key of the layer
        String run(Consumer<String> lines) throws Exception;
    }

    public LayerBuild(String key, Work work) {
        this.worker =
                Thread.ofVirtual()
                        .name("build-" + key)
                        .unstarted(() -> {
                            try {
                                end.complete(work.run(this::say));
                            } catch (Throwable e) {
                                end.completeExceptionally(e);
                            }
                        });
    }

    public void start() {
        worker.start();
    }

    /// @return false if the build has been given up meanwhile; the caller starts another
    public synchronized boolean join(Consumer<String> listener) {
        if (givenUp || (end.isDone() && waiting == 0)) {
            return false;
        }
        said.forEach(listener);
        listeners.add(listener);
        waiting++;
        return true;
    }

    /// Waits for the end.
    ///
    /// @return key of the layer
    /// @throws ExecutionException with the cause if it failed
    /// @throws InterruptedException if the waiting thread was interrupted; the build goes on if
    ///   others wait
    public String await(Consumer<String> listener) throws ExecutionException, InterruptedException {
        try {
            return end.get();
        } finally {
            leave(listener);
        }
    }

    public boolean ended() {
        return end.isDone();
    }

    private synchronized void leave(Consumer<String> listener) {
        listeners.remove(listener);
        waiting--;
        if (waiting == 0 && !end.isDone()) {
            givenUp = true;
            worker.interrupt();
        }
    }

    private synchronized void say(String line) {
        said.add(line);
        listeners.removeIf(listener -> !heard(listener, line));
    }

    /// One that cannot listen any more must not stop the build of the others.
    private static boolean heard(Consumer<String> listener, String line) {
        try {
            listener.accept(line);
            return true;
        } catch (RuntimeException e) {
            LOG.debug("a caller does not hear the build any more", e);
            return false;
        }
    }
}
