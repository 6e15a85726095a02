package mews.dispatch;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs steps one at a time and in order, on the threads of those who bring them: whoever finds it
/// free runs what the others bring meanwhile. Nobody ever waits for a lock.
final class Turnstile {
    private static final Logger LOG = LoggerFactory.getLogger(Turnstile.class);

    private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();

    /// Like `run`, and returns once the step has been taken.
    void runAndWait(Runnable step) {
        CountDownLatch done = new CountDownLatch(1);
        run(() -> {
            try {
                step.run();
            } finally {
                done.countDown();
            }
        });
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @param step short, never blocking
    void run(Runnable step) {
        steps.add(step);
        if (count.getAndIncrement() > 0) {
            return;
        }
        do {
            Runnable next = steps.poll();
            try {
                if (next != null) {
                    next.run();
                }
            } catch (RuntimeException e) {
                LOG.error("a step of the dispatcher failed", e);
            }
        } while (count.decrementAndGet() > 0);
    }
}
