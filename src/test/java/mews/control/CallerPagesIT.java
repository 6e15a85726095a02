package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import mews.base.Ids;
import mews.base.Json;
import mews.model.AppName;
import mews.queue.Queue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// What owners see of callers, and what they hand to them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CallerPagesIT {
    private static final AppName APP = new AppName(ControlFixture.ACCOUNT, "hello");
    private static final String QUEUE = "/applications/local/hello/queue";

    private final ControlFixture fixture = new ControlFixture();

    @AfterAll
    void close() {
        fixture.close();
    }

    @Test
    void aQueueIsCountedAndFlushedByCaller() throws Exception {
        fixture.grpc()
                .registerApplication(Requests.registration("hello").build())
                .forEachRemaining(message -> {});
        submit("local");
        submit("local");
        submit("");
        String me = json("GET", "/users/current", "").path("user_id").asString();

        JsonNode users = json("GET", QUEUE + "?by_user=true", "").path("by_user");
        assertThat(users.path(me).asInt()).isEqualTo(2);
        assertThat(users.path("anonymous").asInt()).isEqualTo(1);
        assertThat(users.size()).isEqualTo(2);

        String flush = QUEUE + "?caller_user_id=";
        assertThat(fixture.rest("DELETE", flush + "nobody", "").statusCode()).isEqualTo(404);
        assertThat(json("DELETE", flush + "anonymous", "").path("flushed").asInt()).isEqualTo(1);
        assertThat(json("GET", QUEUE, "").path("size").asInt()).isEqualTo(2);
    }

    @Test
    void tokensAreMadeForApps() {
        String asked = "{\"allowed_apps\":[\"hello\"],\"token_expiration\":120}";
        String token = json("POST", "/tokens/", asked).asString();
        String other = asked.replace("token_expiration", "duration");

        assertThat(token.split("\\.")).hasSize(3);
        assertThat(json("POST", "/tokens/realtime", other).path("token").asString()).contains(".");
        for (String bad :
                new String[] {
                    "{}",
                    "{\"allowed_apps\":[]}",
                    "{\"allowed_apps\":[1]}",
                    "{\"allowed_apps\":[\"hello\"],\"token_expiration\":1e9}",
                    "{\"allowed_apps\":[\"hello\"],\"token_expiration\":\"soon\"}"
                }) {
            assertThat(fixture.rest("POST", "/tokens/", bad).statusCode()).as(bad).isEqualTo(400);
        }
    }

    @Test
    void workflowsAreKeptByName() {
        String made =
                "{\"name\":\"mine\",\"title\":\"Mine\",\"contents\":{\"nodes\":{\"a\":1}},\"is_public\":false}";
        var created = fixture.rest("POST", "/workflows/", made);

        assertThat(created.statusCode()).isEqualTo(201);
        var again = fixture.rest("POST", "/workflows/", made);
        assertThat(again.statusCode()).isEqualTo(422);
        assertThat(again.body())
                .contains("\"loc\"", "\"type\"", "there is a workflow 'mine' already");
        JsonNode read = json("GET", "/workflows/local/mine", "");
        assertThat(read.at("/contents/nodes/a").asInt()).isEqualTo(1);
        assertThat(read.path("user_nickname").asString()).isEqualTo("local");
        String byId =
                "/workflows/%s/mine".formatted(read.path("user_id").asString().replace("|", "%7C"));
        assertThat(json("GET", byId, "")).isEqualTo(read);
        assertThat(
                        fixture.rest("PATCH", "/workflows/local/mine", "{\"title\":\"Other\"}")
                                .statusCode())
                .isEqualTo(201);
        JsonNode page = json("GET", "/workflows/?page=1&size=10", "");
        assertThat(page.path("total").asInt()).isEqualTo(1);
        assertThat(page.at("/items/0/title").asString()).isEqualTo("Other");
        assertThat(fixture.rest("DELETE", "/workflows/local/mine", "").statusCode()).isEqualTo(204);
        assertThat(fixture.rest("GET", "/workflows/local/mine", "").statusCode()).isEqualTo(404);
        assertThat(fixture.rest("POST", "/comfy/", "{}").body()).contains("keeps no /comfy/");
    }

    private void submit(String caller) {
        fixture.queue.submit(
                new Queue.NewRequest(
                        Ids.next(Clock.systemUTC()),
                        APP,
                        "POST",
                        "/",
                        Map.of(),
                        "{}".getBytes(StandardCharsets.UTF_8),
                        caller,
                        Queue.Priority.NORMAL,
                        null,
                        false,
                        null,
                        null,
                        null,
                        true,
                        Instant.now()),
                null);
    }

    private JsonNode json(String method, String path, String body) {
        return Json.MAPPER.readTree(fixture.rest(method, path, body).body());
    }
}
