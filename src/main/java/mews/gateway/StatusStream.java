package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import mews.base.Json;
import mews.model.LogLine;
import mews.queue.Queue;
import org.jspecify.annotations.Nullable;

/// The status of one request as server-sent events: one at each change, the last one COMPLETED,
/// then the end. Each event holds only new log lines, since clients add them up. protocol: data 5.4
final class StatusStream {
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final Duration REPEAT = Duration.ofSeconds(15);

    private final Vertx vertx;
    private final Queue queue;
    private final StatusAnswers answers;

    StatusStream(Vertx vertx, Queue queue, StatusAnswers answers) {
        this.vertx = vertx;
        this.queue = queue;
        this.answers = answers;
    }

    /// Runs on a virtual thread until the request is complete or the caller has gone.
    void run(Exchange exchange, UUID id, boolean wantsLogs) {
        Wake wake = new Wake();
        exchange.answer(request -> {
            HttpServerResponse response = request.response();
            response.closeHandler(closed -> wake.gone());
            CallHeaders.allowOrigins(response.headers());
            response.setStatusCode(200)
                    .setChunked(true)
                    .putHeader(CallHeaders.REQUEST_ID, id.toString())
                    .putHeader("content-type", "text/event-stream")
                    .putHeader("cache-control", "no-cache");
        });
        Queue.Watch watch = queue.watch(id, wake::changed);
        try (watch) {
            follow(exchange, id, wantsLogs, wake);
        }
    }

    private void follow(Exchange exchange, UUID id, boolean wantsLogs, Wake wake) {
        Shown shown = new Shown();
        while (true) {
            Optional<Queue.View> found = queue.find(id);
            if (found.isEmpty()) {
                exchange.answer(request -> request.response().end());
                return;
            }
            Queue.View view = found.get();
            List<LogLine> lines = wantsLogs ? shown.news(answers.lines(view, shown.last)) : null;
            boolean changed = shown.changed(view) || (lines != null && !lines.isEmpty());
            if (changed || Instant.now().isAfter(shown.told.plus(REPEAT))) {
                shown.said = Instant.now();
                shown.told = shown.said;
                send(
                        exchange,
                        answers.status(exchange.request(), view, lines),
                        view.state() == Queue.State.COMPLETED);
            } else if (Instant.now().isAfter(shown.said.plus(HEARTBEAT))) {
                shown.said = Instant.now();
                exchange.answer(request -> request.response().write(": still here\n\n"));
            }
            if (view.state() == Queue.State.COMPLETED || wake.await(LOOK)) {
                return;
            }
        }
    }

    private void send(Exchange exchange, Map<String, Object> status, boolean last) {
        String event = "data: " + Json.write(status) + "\n\n";
        exchange.answer(request -> {
            if (last) {
                request.response().end(event);
            } else {
                request.response().write(event);
            }
        });
    }

    /// Wakes the stream when there may be something to tell.
    private static final class Wake {
        private final Semaphore pokes = new Semaphore(0);
        private volatile boolean gone;

        void changed() {
            pokes.release();
        }

        void gone() {
            gone = true;
            pokes.release();
        }

        /// @return whether the caller has gone
        boolean await(Duration most) {
            try {
                if (pokes.tryAcquire(most.toMillis(), TimeUnit.MILLISECONDS)) {
                    pokes.drainPermits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return true;
            }
            return gone;
        }
    }

    /// What the caller has seen so far.
    private static final class Shown {
        private Queue.@Nullable State state;
        private int position = -1;
        private @Nullable Instant last;
        private int atLast;
        private Instant said = Instant.now();
        private Instant told = said;

        boolean changed(Queue.View view) {
            boolean changed = state != view.state() || position != view.position();
            state = view.state();
            position = view.position();
            return changed;
        }

        /// Lines of the same instant as the last one seen are fetched again: those already shown
        /// are dropped.
        List<LogLine> news(List<LogLine> lines) {
            List<LogLine> news = lines.subList(Math.min(atLast, lines.size()), lines.size());
            if (!lines.isEmpty()) {
                Instant newest = lines.getLast().at();
                atLast = (int) lines.stream().filter(line -> line.at().equals(newest)).count();
                last = newest;
            }
            return List.copyOf(news);
        }
    }
}
