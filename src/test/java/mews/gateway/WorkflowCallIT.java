package mews.gateway;

import static mews.gateway.GatewayFixture.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.base.Json;
import mews.deploy.Workflows.Workflow;
import mews.model.AppName;
import mews.model.AuthMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// Workflows as their callers use them; the nodes' app gives back what it gets.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WorkflowCallIT {
    private static final String[] ADA = {"authorization", "Key ada:secret"};
    private static final String[] BOB = {"authorization", "Key bob:secret"};

    private GatewayFixture fixture;

    @BeforeAll
    void open() throws Exception {
        fixture = new GatewayFixture();
        Duration patience = Duration.ofSeconds(30);
        fixture.serve(new AppName("ada", "closed"), AuthMode.PRIVATE, patience, patience);
        fixture.runner(4);
        keep("twice", true, chain("ada/hello/echo"));
        keep("fails", false, chain("ada/hello/status/422"));
        keep("holds", false, chain("ada/hello/hold"));
        keep("strays", true, chain("ada/nobody"));
        keep("closed", true, chain("ada/closed/echo"));
        keep("silly", false, "{\"nodes\":{},\"output\":{\"x\":\"$y\"}}");
    }

    @AfterAll
    void close() {
        fixture.close();
    }

    /// The second node gets what the first one gave.
    private static String chain(String second) {
        return """
        {"nodes": {
            "one": {"type": "run", "id": "one", "app": "ada/hello/echo", "input": {"word": "$input.word"}},
            "two": {"type": "run", "id": "two", "app": "%s", "input": {"words": ["$one.word", "!"]}}},
         "output": {"said": "$two.words"}}
        """
                .formatted(second);
    }

    private void keep(String name, boolean isPublic, String contents) {
        fixture.workflows.create(
                new Workflow("ada", name, name, contents, isPublic, Instant.now()));
    }

    @Test
    void theAnswerIsMadeOfWhatNodesGave() throws Exception {
        for (String[] key : List.of(ADA, BOB)) {
            HttpResponse<String> response = call("twice", "", key);

            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("{\"said\":[\"hi\",\"!\"]}");
        }
    }

    @Test
    void aStreamTellsEachStep() throws Exception {
        HttpResponse<String> response = call("twice", "/stream", ADA);

        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
        List<JsonNode> events = events(response);
        assertThat(events)
                .extracting(event -> event.path("type").asString())
                .containsExactly("submit", "completion", "submit", "completion", "output");
        assertThat(events.get(2).path("node_id").asString()).isEqualTo("two");
        assertThat(events.get(2).path("app_id").asString()).isEqualTo("ada/hello/echo");
        UUID request = UUID.fromString(events.get(2).path("request_id").asString());
        assertThat(fixture.queue.find(request)).isPresent();
        assertThat(events.get(1).at("/output/word").asString()).isEqualTo("hi");
        assertThat(events.getLast().at("/output/said/0").asString()).isEqualTo("hi");
    }

    @Test
    void theQueueRunsThem() throws Exception {
        HttpResponse<String> submitted =
                fixture.post("/queue/workflows/ada/twice", "{\"word\":\"later\"}", BOB);
        assertThat(submitted.statusCode()).as(submitted.body()).isEqualTo(200);
        String result = path(submitted, "response_url");
        assertThat(result).startsWith("/queue/workflows/ada/twice/requests/");

        awaitCompleted(submitted, BOB);
        assertThat(fixture.get(result, BOB).body()).isEqualTo("{\"said\":[\"later\",\"!\"]}");
        assertThat(fixture.get(result.replace("/workflows", ""), BOB).statusCode()).isEqualTo(200);
        assertThat(fixture.get(result, ADA).statusCode()).isEqualTo(404);
    }

    @Test
    void aNodeThatFailsIsNamed() throws Exception {
        HttpResponse<String> response = call("fails", "", ADA);

        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(json(response).path("detail").asString())
                .isEqualTo("node 'two' (ada/hello/status/422) failed: its app answered 422");
        assertThat(json(response).at("/error/body/detail").asString()).isEqualTo("status 422");

        JsonNode last = events(call("fails", "/stream", ADA)).getLast();
        assertThat(last.path("type").asString()).isEqualTo("error");
        assertThat(last.path("node_id").asString()).isEqualTo("two");
        assertThat(last.at("/error/status").asInt()).isEqualTo(422);
    }

    @Test
    void whatCannotBeCalledIsSaid() throws Exception {
        assertThat(call("strays", "", ADA).statusCode()).isEqualTo(404);
        assertThat(call("strays", "", ADA).body()).contains("\\\"ada/nobody\\\" not found");
        assertThat(call("closed", "", BOB).statusCode()).isEqualTo(403);
        assertThat(call("silly", "", ADA).statusCode()).isEqualTo(422);
        assertThat(call("silly", "", ADA).body()).contains("refers to 'y'");
        assertThat(fixture.post("/workflows/ada/twice", "[]", ADA).statusCode()).isEqualTo(422);
        assertThat(fixture.post("/workflows/ada/twice", "{}", ADA).body())
                .contains("needs '$input.word'");
    }

    @Test
    void othersSeeOnlyWhatIsPublic() throws Exception {
        assertThat(call("fails", "", BOB).statusCode()).isEqualTo(404);
        assertThat(call("nobody-made-this", "", ADA).statusCode()).isEqualTo(404);
        assertThat(fixture.post("/workflows/ada/twice", "{}").statusCode()).isEqualTo(401);
        assertThat(fixture.get("/workflows/ada/twice", ADA).statusCode()).isEqualTo(405);
        assertThat(fixture.post("/queue/workflows/ada/fails", "{}", BOB).statusCode())
                .isEqualTo(404);
    }

    @Test
    void aCancelledRunCancelsItsNodes() throws Exception {
        HttpResponse<String> submitted =
                fixture.post("/queue/workflows/ada/holds", "{\"word\":\"hi\"}", ADA);
        await().atMost(Duration.ofSeconds(30)).until(() -> fixture.app.holding() > 0);
        UUID node =
                NodeCall.idOf(
                        UUID.fromString(json(submitted).path("request_id").asString()), "two");

        fixture.http.send(
                GatewayFixture.to(fixture.url(path(submitted, "cancel_url")))
                        .PUT(java.net.http.HttpRequest.BodyPublishers.noBody())
                        .headers(ADA)
                        .build(),
                HttpResponse.BodyHandlers.discarding());

        awaitCompleted(submitted, ADA);
        assertThat(fixture.get(path(submitted, "response_url"), ADA).statusCode()).isEqualTo(499);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> fixture.app.saw("request", "/hold/cancel"));
        fixture.app.letGo();
    }

    private HttpResponse<String> call(String name, String path, String[] key) throws Exception {
        return fixture.post("/workflows/ada/" + name + path, "{\"word\":\"hi\"}", key);
    }

    private void awaitCompleted(HttpResponse<String> submitted, String[] key) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> fixture.get(path(submitted, "status_url"), key).statusCode() == 200);
    }

    private String path(HttpResponse<String> submitted, String url) {
        return json(submitted).path(url).asString().substring(fixture.url("").length());
    }

    private static List<JsonNode> events(HttpResponse<String> stream) {
        return stream.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> Json.MAPPER.readTree(line.substring(6)))
                .toList();
    }
}
