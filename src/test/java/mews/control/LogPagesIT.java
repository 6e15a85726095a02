package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import mews.base.Ids;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class LogPagesIT extends RestCalls {
    @Test
    void pagesOfLogsMissNoLineAndRepeatNone() {
        for (int i = 0; i < 25; i++) {
            // Several lines share an instant.
            fixture.logs.append(line(START.plusSeconds(i / 4), "line " + i, null));
        }
        List<String> seen = new ArrayList<>();
        String until = "";
        do {
            JsonNode page = json(fixture.rest("POST", "/logs/history?page_size=6" + until, ""));
            page.path("items").forEach(item -> seen.add(item.path("message").stringValue()));
            JsonNode next = page.path("next_until");
            until = next.isNull() ? null : "&until=" + next.stringValue().replace("+", "%2B");
        } while (until != null);

        assertThat(seen).hasSize(25).doesNotHaveDuplicates();
        assertThat(seen.getFirst()).isEqualTo("line 24");
    }

    @Test
    void logsAreFilteredAndBadFiltersNamed() {
        UUID runner = Ids.next(Instant::now);
        fixture.logs.append(line(START, "of the runner", runner));
        fixture.logs.append(line(START, "of another", null));

        JsonNode page = json(fixture.rest("POST", "/logs/history?job_id=" + runner, ""));
        HttpResponse<String> bad = fixture.rest("POST", "/logs/history?since=yesterday", "");

        assertThat(page.path("items")).hasSize(1);
        assertThat(page.path("items").get(0).path("timestamp").stringValue())
                .isEqualTo("2026-03-01T12:00:00.000000+00:00");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(json(bad).path("detail").stringValue()).contains("since", "'yesterday'");
    }

    @Test
    void followsALog() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<Stream<String>> stream =
                client.send(
                        HttpRequest.newBuilder(
                                        fixture.uri("/logs/stream?since=2026-03-01T11:00:00Z"))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .header("Authorization", "Key " + fixture.admin.text())
                                .build(),
                        HttpResponse.BodyHandlers.ofLines());
        fixture.logs.append(line(Instant.now(), "live", null));

        String first =
                stream.body().filter(text -> text.startsWith("data: ")).findFirst().orElseThrow();

        assertThat(stream.headers().firstValue("content-type")).hasValue("text/event-stream");
        assertThat(first).contains("\"message\":\"live\"");
        client.shutdownNow();
    }

    @Test
    void theLogOfAnAppIsReadAsText() throws Exception {
        deploy();
        fixture.logs.append(line(START, "hello", null));

        assertThat(fixture.rest("GET", "/v1/mews/apps/local/hello/logs", "").body())
                .isEqualTo("2026-03-01T12:00:00.000000+00:00 STDOUT hello\n");
        await().until(() -> fixture.rest("GET", "/logs/?traceback=true", "").body().equals("[]"));
    }
}
