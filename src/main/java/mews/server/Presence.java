package mews.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Commands that use a server which was started for them hold a request open; when the last one has
/// left, the server ends. A server that was started by hand only counts them.
final class Presence {
    /// protocol: choices 6
    private static final Duration AFTER_THE_LAST = Duration.ofSeconds(10);

    /// The command that started the server needs a moment to arrive.
    private static final Duration FOR_THE_FIRST = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final Runnable nobodyLeft;
    private final AtomicInteger present = new AtomicInteger();
    private final AtomicLong departures = new AtomicLong();

    /// @param nobodyLeft called once nobody has been here for long enough; does nothing for a
    ///   server started by hand
    Presence(Vertx vertx, Runnable nobodyLeft) {
        this.vertx = vertx;
        this.nobodyLeft = nobodyLeft;
        leaveIfNobodyComes(FOR_THE_FIRST);
    }

    /// Holds the request until its caller goes.
    void hold(HttpServerRequest request) {
        present.incrementAndGet();
        departures.incrementAndGet();
        request.response()
                .setChunked(true)
                .putHeader("content-type", "text/plain")
                .closeHandler(closed -> left());
        request.response().write("present\n");
    }

    private void left() {
        if (present.decrementAndGet() == 0) {
            leaveIfNobodyComes(AFTER_THE_LAST);
        }
    }

    private void leaveIfNobodyComes(Duration patience) {
        long seen = departures.get();
        vertx.setTimer(
                patience.toMillis(),
                timer -> {
                    if (present.get() == 0 && departures.get() == seen) {
                        nobodyLeft.run();
                    }
                });
    }
}
