package mews.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import mews.base.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads log lines from a server: those kept, and those to come. protocol: control 3.5
final class LogReader {
    private static final int PAGE = 1000;

    private final Rest rest;
    private final Map<String, String> wanted;

    /// @param wanted query parameters: `job_id` for a runner, `app` for an alias, `search`
    LogReader(Rest rest, Map<String, String> wanted) {
        this.rest = rest;
        this.wanted = wanted;
    }

    /// @param since null for the newest page only
    /// @return oldest first
    List<JsonNode> kept(@Nullable Instant since) throws IOException {
        List<JsonNode> newestFirst = new ArrayList<>();
        String until = null;
        do {
            Map<String, String> query = new LinkedHashMap<>(wanted);
            query.put("page_size", String.valueOf(PAGE));
            if (since != null) {
                query.put("since", since.toString());
            }
            if (until != null) {
                query.put("until", until);
            }
            JsonNode page = rest.json(rest.post("/logs/history?" + encode(query), null));
            page.path("items").forEach(newestFirst::add);
            String next = page.path("next_until").asString("");
            // A server that hands out the same place again would never end.
            until = next.isEmpty() || next.equals(until) ? null : next;
        } while (since != null && until != null);
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    /// An open stream of lines to come.
    Following follow() throws IOException {
        Rest.Answer answer =
                rest.send(
                        "POST",
                        "/logs/stream?" + encode(wanted),
                        new byte[0],
                        Map.of("Accept", "text/event-stream"));
        if (!answer.ok()) {
            rest.json(answer);
        }
        return new Following(answer);
    }

    /// Lines as they come, until the server ends it.
    record Following(Rest.Answer answer) implements AutoCloseable {
        void forEach(Consumer<JsonNode> listener) throws IOException {
            Events.read(
                    new BufferedReader(
                            new InputStreamReader(answer.body(), StandardCharsets.UTF_8)),
                    (event, data) -> {
                        if (event.equals("error")) {
                            throw Failure.failed("the server ended the log: %s", data);
                        }
                        try {
                            listener.accept(Json.MAPPER.readTree(data));
                        } catch (JacksonException notALine) {
                            // protocol: control 3.5, what cannot be read is passed over
                        }
                    });
        }

        @Override
        public void close() {
            answer.close();
        }
    }

    private static String encode(Map<String, String> query) {
        return query.entrySet().stream()
                .map(each ->
                        each.getKey()
                                + "="
                                + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
