package mews.fleet;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Threads that do something on the side; closing interrupts them and waits for their end.
/// Thread-safe.
final class Helpers implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Set<Thread> working = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    void start(String name, Runnable task) {
        Thread thread =
                Thread.ofVirtual()
                        .name(name)
                        .unstarted(() -> {
                            try {
                                task.run();
                            } finally {
                                working.remove(Thread.currentThread());
                            }
                        });
        working.add(thread);
        thread.start();
        if (closed) {
            thread.interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        working.forEach(Thread::interrupt);
        try {
            for (Thread next : working) {
                next.join(PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
