package mews.gateway;

import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import mews.logs.LogQuery;
import mews.logs.Logs;
import mews.model.Addresses;
import mews.model.AppName;
import mews.model.LogLine;
import mews.queue.Queue;
import org.jspecify.annotations.Nullable;

/// The JSON of the queue's answers, with all that any client reads. protocol: data 5.1, 5.3, 15
final class StatusAnswers {
    private static final int MOST_LINES = 1000;

    private final Logs logs;
    private final Function<HttpServerRequest, Addresses> addresses;

    StatusAnswers(Logs logs, Function<HttpServerRequest, Addresses> addresses) {
        this.logs = logs;
        this.addresses = addresses;
    }

    static boolean wantsLogs(HttpServerRequest request) {
        String wanted = request.getParam("logs");
        return wanted != null && (wanted.equals("1") || wanted.equalsIgnoreCase("true"));
    }

    Map<String, Object> submitted(HttpServerRequest request, Queue.NewRequest row, int position) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", Queue.State.IN_QUEUE.name());
        body.put("request_id", row.id().toString());
        body.put("gateway_request_id", row.id().toString());
        putUrls(body, request, row.app(), row.id());
        body.put("queue_position", position);
        return body;
    }

    /// @param lines null if none were asked for; the key is there in any case
    Map<String, Object> status(
            HttpServerRequest request, Queue.View view, @Nullable List<LogLine> lines) {
        UUID id = view.request().id();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", view.state().name());
        body.put("request_id", id.toString());
        putUrls(body, request, view.request().app(), id);
        switch (view.state()) {
            case IN_QUEUE -> body.put("queue_position", Math.max(0, view.position()));
            case IN_PROGRESS -> body.put("logs", entries(lines));
            case COMPLETED -> {
                body.put("logs", entries(lines));
                body.put("metrics", metrics(view));
                if (view.error() != null) {
                    body.put(
                            "error",
                            view.detail() == null ? view.error().wireName() : view.detail());
                    body.put("error_type", view.error().wireName());
                } else if (view.status() != null && view.status() >= 400) {
                    body.put("error", "Invalid status code: " + view.status());
                }
            }
        }
        return body;
    }

    /// @param after only lines said then or later; null for all
    List<LogLine> lines(Queue.View view, @Nullable Instant after) {
        Queue.NewRequest row = view.request();
        if (view.state() == Queue.State.COMPLETED) {
            logs.flush();
        }
        LogQuery query =
                LogQuery.of(row.app().owner())
                        .withApp(row.app())
                        .withRequest(row.id())
                        .between(after, null)
                        .withLimit(MOST_LINES);
        return logs.query(query).reversed();
    }

    private static @Nullable List<Map<String, Object>> entries(@Nullable List<LogLine> lines) {
        if (lines == null) {
            return null;
        }
        List<Map<String, Object>> entries = new ArrayList<>();
        for (LogLine line : lines) {
            Map<String, Object> labels =
                    Map.of("level", level(line), "source", line.source().name());
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("message", line.message());
            entry.put("timestamp", line.at().truncatedTo(ChronoUnit.MILLIS).toString());
            entry.put("level", level(line));
            entry.put("source", line.source().name());
            entry.put("labels", labels);
            entries.add(entry);
        }
        return entries;
    }

    /// protocol: data 5.3
    private static String level(LogLine line) {
        return switch (line.level()) {
            case WARNING -> "WARN";
            case TRACE, DEBUG -> "DEBUG";
            case INFO, ERROR, STDOUT, STDERR -> line.level().name();
        };
    }

    private static Map<String, Object> metrics(Queue.View view) {
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put(
                "inference_time",
                view.inferenceTime() == null ? null : view.inferenceTime().toNanos() / 1e9);
        return metrics;
    }

    private void putUrls(Map<String, Object> body, HttpServerRequest caller, AppName app, UUID id) {
        String request = addresses.apply(caller).queueUrl(app) + "/requests/" + id;
        body.put("response_url", request);
        body.put("status_url", request + "/status");
        body.put("cancel_url", request + "/cancel");
    }
}
