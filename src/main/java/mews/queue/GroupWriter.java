package mews.queue;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Lets many callers share one commit: whatever was handed over while the last commit ran goes into
/// the next one. Callers return after their item is committed.
///
/// @param <T> what is written
/// @param <R> what its caller gets back
final class GroupWriter<T, R extends Object> implements AutoCloseable {
    static final int MOST_PER_COMMIT = 256;
    private static final int MOST_WAITING = 10_000;

    private record Entry<T, R>(@Nullable T item, CompletableFuture<R> answer) {}

    private final BlockingQueue<Entry<T, R>> handedOver = new LinkedBlockingQueue<>(MOST_WAITING);
    private final Function<List<T>, List<R>> commit;
    private final Thread thread;
    private volatile boolean closed;

    /// @param commit writes all items in one transaction, answers in the same order
    GroupWriter(String name, Function<List<T>, List<R>> commit) {
        this.commit = commit;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /// Blocks until the item is committed.
    ///
    /// @throws RuntimeException what the commit failed with
    R write(T item) {
        Entry<T, R> entry = new Entry<>(item, new CompletableFuture<>());
        put(entry);
        try {
            return entry.answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /// Writes what was handed over, then ends.
    @Override
    public void close() {
        if (!closed) {
            put(new Entry<>(null, new CompletableFuture<>()));
            closed = true;
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void put(Entry<T, R> entry) {
        if (closed) {
            throw new IllegalStateException("the queue is closed");
        }
        try {
            handedOver.put(entry);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while handing over a write", e);
        }
    }

    private void run() {
        List<Entry<T, R>> batch = new ArrayList<>();
        boolean last = false;
        while (!last) {
            batch.clear();
            try {
                batch.add(handedOver.take());
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody may interrupt a writer", e);
            }
            handedOver.drainTo(batch, MOST_PER_COMMIT - 1);
            last = batch.stream().anyMatch(entry -> entry.item == null);
            batch.removeIf(entry -> entry.item == null);
            if (!batch.isEmpty()) {
                write(batch);
            }
        }
        // Handed over between the mark of the end and `closed`.
        for (Entry<T, R> late : handedOver) {
            late.answer.completeExceptionally(new IllegalStateException("the queue is closed"));
        }
    }

    private void write(List<Entry<T, R>> batch) {
        List<T> items = new ArrayList<>(batch.size());
        for (Entry<T, R> entry : batch) {
            if (entry.item != null) {
                items.add(entry.item);
            }
        }
        try {
            List<R> answers = commit.apply(items);
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).answer.complete(answers.get(i));
            }
        } catch (RuntimeException e) {
            if (batch.size() > 1 && faultOfOneItem(e)) {
                batch.forEach(entry -> write(List.of(entry)));
            } else {
                batch.forEach(entry -> entry.answer.completeExceptionally(e));
            }
        }
    }

    /// Data the database refuses (class 22, 23): the others in the batch must not suffer from it.
    private static boolean faultOfOneItem(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23");
            }
        }
        return false;
    }
}
