package mews.server;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Commands that use a server which was started for them hold a request open; when the last one has
/// left, the server ends. A server that was started by hand only counts them.
///
/// `GET /v1/mews/presence` answers 200 and one line, then nothing more for as long as the caller
/// stays. It tells and changes nothing else, so it asks for no key.
final class Presence implements AutoCloseable {
    /// protocol: choices 6
    private static final Duration AFTER_THE_LAST = Duration.ofSeconds(10);

    /// The command that started the server needs a moment to arrive.
    private static final Duration FOR_THE_FIRST = Duration.ofSeconds(60);

    private final Vertx vertx;
    private final Runnable nobodyLeft;
    private final Set<HttpServerResponse> present = ConcurrentHashMap.newKeySet();
    private final AtomicLong arrivals = new AtomicLong();

    /// @param nobodyLeft called once nobody has been here for long enough; does nothing for a
    ///   server started by hand
    Presence(Vertx vertx, Runnable nobodyLeft) {
        this.vertx = vertx;
        this.nobodyLeft = nobodyLeft;
        leaveIfNobodyComes(FOR_THE_FIRST);
    }

    /// Holds the request until its caller goes.
    void hold(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        arrivals.incrementAndGet();
        present.add(response);
        response.closeHandler(_ -> left(response));
        response.setChunked(true).putHeader("content-type", "text/plain").write("present\n");
    }

    /// Lets everyone go, so that nobody holds up the end.
    @Override
    public void close() {
        present.forEach(HttpServerResponse::end);
    }

    private void left(HttpServerResponse response) {
        present.remove(response);
        if (present.isEmpty()) {
            leaveIfNobodyComes(AFTER_THE_LAST);
        }
    }

    private void leaveIfNobodyComes(Duration patience) {
        long seen = arrivals.get();
        vertx.setTimer(
                patience.toMillis(),
                _ -> {
                    if (present.isEmpty() && arrivals.get() == seen) {
                        nobodyLeft.run();
                    }
                });
    }
}
