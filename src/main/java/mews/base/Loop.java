package mews.base;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One duty on its own virtual thread: run at once, at every poke, and at least every interval.
public final class Loop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    private final String name;
    private final Duration interval;
    private final Runnable step;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition poked = lock.newCondition();
    private final Thread thread;
    private boolean pending;
    private volatile boolean closed;

    private Loop(String name, Duration interval, Runnable step) {
        this.name = name;
        this.interval = interval;
        this.step = step;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    /// @param interval longest time between two steps
    /// @param step a step that throws is logged, and tried again next time
    public static Loop start(String name, Duration interval, Runnable step) {
        Loop loop = new Loop(name, interval, step);
        loop.thread.start();
        return loop;
    }

    /// Asks for a step as soon as the running one ends. Many pokes, one step. Never blocks for
    /// long.
    public void poke() {
        lock.lock();
        try {
            pending = true;
            poked.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Lets the running step finish, then ends the loop.
    @Override
    public void close() {
        closed = true;
        poke();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try {
                step.run();
            } catch (RuntimeException e) {
                LOG.error("loop step failed loop={}", name, e);
            }
            awaitPoke();
        }
    }

    private void awaitPoke() {
        lock.lock();
        try {
            long nanos = interval.toNanos();
            while (!pending && nanos > 0) {
                nanos = poked.awaitNanos(nanos);
            }
            pending = false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            lock.unlock();
        }
    }
}
