package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import mews.base.Json;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What owners are told of requests, apps and runners, by a real server about real runners.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExplainIT {
    private static final String APP =
            """
            import os
            import time

            import fal
            from fastapi import Response


            class Story(fal.App):
                max_concurrency = 1
                keep_alive = 300

                def setup(self):
                    time.sleep(0.3)

                @fal.endpoint("/")
                def answer(self) -> dict:
                    return {"ok": True}

                @fal.endpoint("/once")
                def once(self, response: Response) -> dict:
                    if not os.path.exists("/data/tried"):
                        open("/data/tried", "w").close()
                        response.status_code = 503
                    return {"ok": True}
            """;

    @TempDir static Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private Served served;

    @BeforeAll
    void deploy() {
        served = new Served(folder);
        Path app = Shell.write(folder.resolve("app/app.py"), APP);
        served.shell.mews("deploy", app + "::Story").succeeded();
    }

    @AfterAll
    void close() {
        served.close();
    }

    @Test
    void aColdCallItsRunnerAndItsApp() throws Exception {
        HttpResponse<String> answer = post("run", "/local/story", "{}");
        assertThat(answer.statusCode()).isEqualTo(200);
        String id = answer.headers().firstValue("x-fal-request-id").orElseThrow();

        JsonNode story = explained(id);
        assertThat(story.path("state").asString()).isEqualTo("completed with status 200");
        assertThat(story.path("attempts")).hasSize(1);
        assertThat(whats(story)).contains("first_byte", "body");

        String runner = story.path("attempts").get(0).path("runner_id").asString();
        JsonNode shown = json("runners", "show", runner);
        assertThat(texts(shown.path("timeline"), "state")).contains("PENDING", "SETUP", "IDLE");
        assertThat(shown.path("timeline").get(0).path("why").asString()).contains("wait");
        assertThat(texts(shown.path("phases"), "name")).contains("setup");

        JsonNode app = json("apps", "explain", "story");
        assertThat(app.path("runners").path("idle").asInt()).isEqualTo(1);
        assertThat(app.path("wanted").asInt()).isZero();
        assertThat(app.path("would_change").toString()).contains("keep_alive (300 s)");
        assertThat(texts(app.path("recent"), "event")).contains("settings", "runner_started");

        String told = served.shell.mews("explain", id).succeeded().out();
        assertThat(told).contains("sync request, completed with status 200", "first_byte");
        assertThat(served.shell.mews("apps", "explain", "story").succeeded().out())
                .contains("1 runner: 0 busy, 1 idle, 0 starting; 0 wanted");
        assertThat(served.shell.mews("runners", "show", runner).succeeded().out())
                .contains("PHASE OF ITS START");
    }

    @Test
    void eachAttemptOfAQueuedRequest() throws Exception {
        HttpResponse<String> submitted = post("queue", "/local/story/once", "{}");
        String id = Json.MAPPER.readTree(submitted.body()).path("request_id").asString();
        await().atMost(Duration.ofMinutes(2)).until(() -> explained(id).path("over").asBoolean());

        JsonNode story = explained(id);
        assertThat(story.path("attempts")).hasSize(2);
        assertThat(texts(story.path("attempts"), "outcome"))
                .containsExactly("tried again: runner_server_error: status 503", "status 200");
        assertThat(whats(story)).contains("retry_backoff", "start_setup");
        String first = story.path("attempts").get(0).path("runner_id").asString();
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> {
                    JsonNode gone = json("runners", "show", first);
                    assertThat(gone.path("state").asString()).isEqualTo("TERMINATED");
                    assertThat(gone.path("reason").asString()).isEqualTo("request_failed");
                });
    }

    @Test
    void whatIsNotKnownIsToldSo() {
        String unknown = "0198f000-0000-7000-8000-000000000000";
        for (String[] asked :
                List.of(
                        new String[] {"explain", unknown},
                        new String[] {"runners", "show", unknown},
                        new String[] {"apps", "explain", "nobody"})) {
            Shell.Ran ran = served.shell.mews(asked);
            assertThat(ran.exitCode()).isEqualTo(1);
            assertThat(ran.err()).contains(asked[asked.length - 1]);
        }
        assertThat(served.shell.mews("explain", "no-id").err()).contains("'no-id'");
    }

    private JsonNode explained(String id) {
        return json("explain", id);
    }

    private JsonNode json(String... words) {
        String[] command = java.util.Arrays.copyOf(words, words.length + 1);
        command[words.length] = "--json";
        return served.shell.mews(command).succeeded().json();
    }

    private static List<String> whats(JsonNode story) {
        return texts(story.path("spans"), "what");
    }

    private static List<String> texts(JsonNode list, String key) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(each -> each.path(key).asString())
                .toList();
    }

    private HttpResponse<String> post(String family, String path, String body)
            throws IOException, InterruptedException {
        Path home = folder.resolve("home");
        JsonNode told = Json.MAPPER.readTree(Files.readString(home.resolve("server.json")));
        String key = Files.readString(home.resolve("credentials")).strip();
        return http.send(
                HttpRequest.newBuilder(URI.create(told.path(family).asString() + path))
                        .header("authorization", "Key " + key)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
