package mews.base;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes things in without making anyone wait and writes them behind their back, many at once, in
/// the order they came. While writing fails or lags, up to `capacity` things wait; beyond that the
/// oldest go, and are counted.
///
/// A batch is begun a moment after its first thing came, so that a steady trickle costs a
/// transaction a moment and not one for each thing.
public final class Batcher<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Batcher.class);
    private static final int BATCH = 500;
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration GATHER = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String name;
    private final int capacity;
    private final Consumer<List<T>> write;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<T> waiting = new ArrayDeque<>();
    private final Thread thread;
    private long taken;
    private long settled;
    private long dropped;
    private int flushing;
    private boolean closed;

    private Batcher(String name, int capacity, Consumer<List<T>> write) {
        this.name = name;
        this.capacity = capacity;
        this.write = write;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    /// @param write may block; what it throws is logged, and the same things are written again
    public static <T> Batcher<T> start(String name, int capacity, Consumer<List<T>> write) {
        Batcher<T> batcher = new Batcher<>(name, capacity, write);
        batcher.thread.start();
        return batcher;
    }

    /// Never blocks for long.
    public void add(T thing) {
        lock.lock();
        try {
            if (waiting.size() >= capacity) {
                waiting.removeFirst();
                settled++;
                dropped++;
            }
            waiting.addLast(thing);
            taken++;
            if (waiting.size() == 1 || waiting.size() == BATCH) {
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /// @return how many were dropped since the last call
    public long takeDropped() {
        lock.lock();
        try {
            long count = dropped;
            dropped = 0;
            return count;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until all that was added before is written or dropped, but for ten seconds at most.
    public void flush() {
        lock.lock();
        flushing++;
        try {
            changed.signalAll();
            long until = taken;
            long nanos = PATIENCE.toNanos();
            while (settled < until && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            flushing--;
            lock.unlock();
        }
    }

    /// Writes what waits, then ends.
    @Override
    public void close() {
        flush();
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            for (List<T> batch = next(); !batch.isEmpty(); batch = next()) {
                if (!settle(batch)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return empty once closed
    private List<T> next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.await();
            }
            gather();
            List<T> batch = new ArrayList<>(Math.min(BATCH, waiting.size()));
            while (batch.size() < BATCH && !waiting.isEmpty()) {
                batch.add(waiting.removeFirst());
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void gather() throws InterruptedException {
        long nanos = GATHER.toNanos();
        while (waiting.size() < BATCH && flushing == 0 && !closed && nanos > 0) {
            nanos = changed.awaitNanos(nanos);
        }
    }

    private boolean settle(List<T> batch) throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                write.accept(batch);
                break;
            } catch (RuntimeException e) {
                if (!told) {
                    LOG.warn("cannot write now, trying again batcher={}", name, e);
                    told = true;
                }
            }
            if (waitForRetry()) {
                LOG.warn("gave up at the end batcher={} things={}", name, batch.size());
                return false;
            }
        }
        lock.lock();
        try {
            settled += batch.size();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return true;
    }

    /// @return whether the batcher was closed meanwhile
    private boolean waitForRetry() throws InterruptedException {
        lock.lock();
        try {
            long nanos = RETRY.toNanos();
            while (!closed && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
            return closed;
        } finally {
            lock.unlock();
        }
    }
}
