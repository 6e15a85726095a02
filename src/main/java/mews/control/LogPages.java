package mews.control;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mews.base.Json;
import mews.control.Router.Access;
import mews.logs.LogQuery;
import mews.logs.Logs;
import mews.model.AppName;
import mews.model.LogLine;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/// Log lines: pages back in time, and live. protocol: control 3.5
final class LogPages {
    private static final int LARGEST_PAGE = 1000;
    private static final int MOST_WAITING = 10_000;
    private static final long BEAT_SECONDS = 15;
    private static final LogLine NONE =
            new LogLine(
                    Instant.EPOCH,
                    LogLine.Level.TRACE,
                    LogLine.Source.BRIDGE,
                    "",
                    null,
                    null,
                    null,
                    null,
                    "");

    private final Logs logs;
    private final Names names;

    LogPages(Logs logs, Names names) {
        this.logs = logs;
        this.names = names;
    }

    void routes(Router router) {
        router.on("POST", "/logs/history", Access.ADMIN, this::history)
                .on("POST", "/logs/stream", Access.ADMIN, this::stream)
                .on("GET", "/logs", Access.ADMIN, this::tracebacks)
                .on("GET", "/v1/mews/apps/{owner}/{alias}/logs", Access.ADMIN, this::ofApp);
    }

    /// Newest first. A page never ends between lines of the same instant, for the next one begins
    /// before the oldest that was delivered.
    private void history(Exchange exchange) {
        int size = pageSize(exchange);
        LogQuery query = query(exchange, null);
        logs.flush();
        List<LogLine> lines = new ArrayList<>(logs.query(query.withLimit(size + 1)));
        Map<String, Object> page = new LinkedHashMap<>();
        if (lines.size() <= size) {
            page.put("items", lines.stream().map(LogPages::item).toList());
            page.put("next_until", NullNode.getInstance());
        } else {
            Instant cut = lines.getLast().at();
            List<LogLine> whole = lines.stream().filter(line -> line.at().isAfter(cut)).toList();
            boolean split = !whole.isEmpty();
            List<LogLine> delivered = split ? whole : lines.subList(0, size);
            page.put("items", delivered.stream().map(LogPages::item).toList());
            page.put("next_until", Times.text(split ? delivered.getLast().at() : cut));
        }
        exchange.json(200, page);
    }

    private void stream(Exchange exchange) {
        LogQuery query = query(exchange, null);
        BlockingQueue<LogLine> lines = new LinkedBlockingQueue<>(MOST_WAITING);
        try (Tail _ = Tail.of(logs, query, line -> lines.offer(line))) {
            List<LogLine> earlier = query.since() == null ? List.of() : earlier(query);
            Set<LogLine> seen = new HashSet<>(earlier);
            Events events = exchange.events();
            events.hangup().listen(() -> lines.offer(NONE));
            for (LogLine line : earlier.reversed()) {
                events.send(Json.write(item(line)));
            }
            follow(events, lines, seen);
        }
    }

    private static void follow(Events events, BlockingQueue<LogLine> lines, Set<LogLine> seen) {
        while (!events.hangup().isGone()) {
            try {
                LogLine line = lines.poll(BEAT_SECONDS, TimeUnit.SECONDS);
                if (line == null) {
                    events.beat();
                } else if (line != NONE && !seen.remove(line)) {
                    events.send(Json.write(item(line)));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private List<LogLine> earlier(LogQuery query) {
        logs.flush();
        return logs.query(query.withLimit(LARGEST_PAGE));
    }

    /// Lines that are a traceback in JSON, as an app says them, come as the traceback itself.
    private void tracebacks(Exchange exchange) {
        boolean only = "true".equals(exchange.query("traceback"));
        LogQuery query = query(exchange, null).withLimit(LARGEST_PAGE);
        logs.flush();
        List<Map<String, Object>> items = new ArrayList<>();
        for (LogLine line : logs.query(query)) {
            String traceback = traceback(line.message());
            if (traceback != null || !only) {
                Map<String, Object> item = item(line);
                if (traceback != null) {
                    item.put("message", traceback);
                }
                items.add(item);
            }
        }
        exchange.json(200, items);
    }

    private void ofApp(Exchange exchange) throws IOException {
        AppName app = own(exchange);
        logs.flush();
        StringBuilder text = new StringBuilder();
        for (LogLine line :
                logs.query(query(exchange, app).withLimit(pageSize(exchange))).reversed()) {
            text.append(Times.text(line.at()))
                    .append(' ')
                    .append(line.level())
                    .append(' ')
                    .append(line.message())
                    .append('\n');
        }
        exchange.text(200, "text/plain; charset=utf-8", text.toString());
    }

    private AppName own(Exchange exchange) {
        return names.own(exchange.caller(), exchange.part("owner"), exchange.part("alias"));
    }

    private LogQuery query(Exchange exchange, @Nullable AppName given) {
        String alias = exchange.query("app");
        AppName app =
                given != null || alias == null ? given : names.app(exchange.caller(), alias, "");
        return new LogQuery(
                exchange.caller().account(),
                app,
                id("revision", exchange.query("revision")),
                id("job_id", exchange.query("job_id")),
                id("request_id", exchange.query("request_id")),
                Times.parse("since", exchange.query("since")),
                Times.parse("until", exchange.query("until")),
                exchange.query("search"),
                level(exchange.query("level")),
                LARGEST_PAGE);
    }

    private static int pageSize(Exchange exchange) {
        String text = exchange.query("page_size");
        if (text == null) {
            return LARGEST_PAGE;
        }
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) == 0) {
            throw Exchange.invalid("page_size must be 1 or more, was '%s'".formatted(text));
        }
        return Math.min(LARGEST_PAGE, Integer.parseInt(text));
    }

    private static @Nullable UUID id(String name, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException e) {
            throw Exchange.invalid("%s '%s' is not an id".formatted(name, text));
        }
    }

    private static LogLine.@Nullable Level level(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return LogLine.Level.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw Exchange.invalid(
                    "level '%s' is not one of %s".formatted(text, List.of(LogLine.Level.values())));
        }
    }

    private static @Nullable String traceback(String message) {
        if (!message.startsWith("{") || !message.contains("\"traceback\"")) {
            return null;
        }
        try {
            JsonNode traceback = Json.MAPPER.readTree(message).path("traceback");
            return traceback.isString() ? traceback.stringValue() : null;
        } catch (JacksonException e) {
            return null;
        }
    }

    private static Map<String, Object> item(LogLine line) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("timestamp", Times.text(line.at()));
        item.put("level", line.level().name());
        item.put("source", line.source().name().toLowerCase(Locale.ROOT));
        item.put("message", line.message());
        put(item, "app", line.app());
        put(item, "revision", line.revision());
        put(item, "job_id", line.runner());
        put(item, "request_id", line.request());
        return item;
    }

    private static void put(Map<String, Object> item, String key, @Nullable Object value) {
        if (value != null) {
            item.put(key, value.toString());
        }
    }
}
