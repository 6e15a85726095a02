package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
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
        CountDownLatch gone = new CountDownLatch(1);
        exchange.answer(request -> {
            HttpServerResponse response = request.response();
            response.closeHandler(closed -> gone.countDown());
            CallHeaders.allowOrigins(response.headers());
            response.setStatusCode(200)
                    .setChunked(true)
                    .putHeader(CallHeaders.REQUEST_ID, id.toString())
                    .putHeader("content-type", "text/event-stream")
                    .putHeader("cache-control", "no-cache");
        });
        follow(exchange, id, wantsLogs, gone);
    }

    private void follow(Exchange exchange, UUID id, boolean wantsLogs, CountDownLatch gone) {
        Shown shown = new Shown();
        while (true) {
            Optional<Queue.View> found = queue.find(id);
            if (found.isEmpty()) {
                exchange.answer(request -> request.response().end());
                return;
            }
            Queue.View view = found.get();
            List<LogLine> lines = wantsLogs ? shown.news(answers.lines(view, shown.last)) : null;
            if (shown.changed(view) || (lines != null && !lines.isEmpty())) {
                shown.said = Instant.now();
                send(exchange, answers.status(view, lines), view.state() == Queue.State.COMPLETED);
            } else if (Instant.now().isAfter(shown.said.plus(HEARTBEAT))) {
                shown.said = Instant.now();
                exchange.answer(request -> request.response().write(": still here\n\n"));
            }
            if (view.state() == Queue.State.COMPLETED || waitFor(gone)) {
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

    private static boolean waitFor(CountDownLatch gone) {
        try {
            return gone.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /// What the caller has seen so far.
    private static final class Shown {
        private Queue.@Nullable State state;
        private int position = -1;
        private @Nullable Instant last;
        private int atLast;
        private Instant said = Instant.now();

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
