package mews.control;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mews.model.Addresses;
import org.jspecify.annotations.Nullable;

/// The way back to one gRPC caller, for threads other than its event loop. Nothing here blocks:
/// messages wait in memory while the caller is slow, and log lines beyond a bound are dropped.
final class Answer<T> {
    /// Something that ends early when the caller hangs up.
    interface Interruptible<R> {
        R call() throws InterruptedException;
    }

    private static final int MOST_WAITING = 10_000;

    /// Messages that wait at most while their sender is patient.
    private static final int ROOM = 64;

    private static final long LOOK_MS = 500;

    private record Waiting<T>(T message, Runnable sent) {}

    private final ServerCallStreamObserver<T> observer;
    private final Context loop;
    private final Hangup hangup;
    private final Addresses addresses;
    private final AtomicInteger size = new AtomicInteger();
    private final Semaphore room = new Semaphore(ROOM);

    // Touched on the loop alone.
    private final Deque<Waiting<T>> waiting = new ArrayDeque<>();
    private @Nullable Status end;
    private boolean closed;

    private Answer(
            ServerCallStreamObserver<T> observer,
            Context loop,
            Hangup hangup,
            Addresses addresses) {
        this.observer = observer;
        this.loop = loop;
        this.hangup = hangup;
        this.addresses = addresses;
    }

    /// To be called on the event loop, before the service method returns.
    static <T> Answer<T> to(StreamObserver<T> observer, Hangup hangup, Addresses addresses) {
        ServerCallStreamObserver<T> call = (ServerCallStreamObserver<T>) observer;
        Answer<T> answer =
                new Answer<>(
                        call, Objects.requireNonNull(Vertx.currentContext()), hangup, addresses);
        call.setOnCancelHandler(hangup::happened);
        call.setOnReadyHandler(answer::drain);
        return answer;
    }

    /// As the caller reaches them.
    Addresses addresses() {
        return addresses;
    }

    Hangup hangup() {
        return hangup;
    }

    void send(T message) {
        send(new Waiting<>(message, () -> {}));
    }

    /// Waits while the caller is slow; for what has no bound of its own. Sends nothing to a caller
    /// who is gone.
    void sendPatiently(T message) throws InterruptedException {
        while (!room.tryAcquire(LOOK_MS, TimeUnit.MILLISECONDS)) {
            if (hangup.isGone()) {
                return;
            }
        }
        send(new Waiting<>(message, room::release));
    }

    private void send(Waiting<T> message) {
        size.incrementAndGet();
        loop.runOnContext(ignored -> {
            waiting.add(message);
            drain();
        });
    }

    /// Sends unless too much waits already.
    void offer(T message) {
        if (size.get() < MOST_WAITING) {
            send(message);
        }
    }

    void complete() {
        finish(Status.OK);
    }

    void fail(Status status) {
        finish(status);
    }

    /// Runs `work`, whose thread is interrupted while the caller hangs up; never afterwards, so
    /// that cleaning up is undisturbed.
    <R> R interruptibly(Interruptible<R> work) throws InterruptedException {
        Interrupt interrupt = new Interrupt(Thread.currentThread());
        hangup.listen(interrupt::fire);
        try {
            return work.call();
        } finally {
            interrupt.disarm();
        }
    }

    private void finish(Status status) {
        loop.runOnContext(ignored -> {
            if (end == null) {
                end = status;
                drain();
            }
        });
    }

    private void drain() {
        while (!closed && !waiting.isEmpty() && (observer.isReady() || hangup.isGone())) {
            Waiting<T> next = waiting.remove();
            size.decrementAndGet();
            if (!hangup.isGone()) {
                attempt(() -> observer.onNext(next.message()));
            }
            next.sent().run();
        }
        Status status = end;
        if (status != null && waiting.isEmpty() && !closed) {
            closed = true;
            if (!hangup.isGone()) {
                attempt(() -> close(status));
            }
        }
    }

    private void close(Status status) {
        if (status.isOk()) {
            observer.onCompleted();
        } else {
            observer.onError(status.asRuntimeException());
        }
    }

    /// The stream may have broken without word of it so far; then there is nobody to tell.
    private void attempt(Runnable write) {
        try {
            write.run();
        } catch (IllegalStateException e) {
            closed = true;
            hangup.happened();
        }
    }

    private static final class Interrupt {
        private @Nullable Thread target;

        Interrupt(Thread target) {
            this.target = target;
        }

        synchronized void fire() {
            if (target != null) {
                target.interrupt();
            }
        }

        synchronized void disarm() {
            target = null;
            Thread.interrupted();
        }
    }
}
