package mews.build;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/// One build that is under way: all who want its key wait here and see every line from its
/// beginning. When the last one leaves, it stops. Thread-safe.
final class LayerBuild {
    private final List<String> said = new ArrayList<>();
    private final List<Consumer<String>> listeners = new ArrayList<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Thread worker;
    private int waiting;

    /// Work that can be interrupted.
    interface Work {
        void run(Consumer<String> lines) throws Exception;
    }

    LayerBuild(String key, Work work) {
        this.worker =
                Thread.ofVirtual()
                        .name("build-" + key)
                        .unstarted(() -> {
                            try {
                                work.run(this::say);
                                end.complete(null);
                            } catch (Throwable e) {
                                end.completeExceptionally(e);
                            }
                        });
    }

    void start() {
        worker.start();
    }

    /// @return false if the build has been given up meanwhile; the caller starts another
    synchronized boolean join(Consumer<String> listener) {
        if (worker.isInterrupted() || (end.isDone() && waiting == 0)) {
            return false;
        }
        said.forEach(listener);
        listeners.add(listener);
        waiting++;
        return true;
    }

    /// Waits for the end.
    ///
    /// @throws ExecutionException with the cause if it failed
    /// @throws InterruptedException if the waiting thread was interrupted; the build goes on if
    ///   others wait
    void await(Consumer<String> listener) throws ExecutionException, InterruptedException {
        try {
            end.get();
        } finally {
            leave(listener);
        }
    }

    boolean ended() {
        return end.isDone();
    }

    private synchronized void leave(Consumer<String> listener) {
        listeners.remove(listener);
        waiting--;
        if (waiting == 0 && !end.isDone()) {
            worker.interrupt();
        }
    }

    private synchronized void say(String line) {
        said.add(line);
        listeners.forEach(listener -> listener.accept(line));
    }
}
