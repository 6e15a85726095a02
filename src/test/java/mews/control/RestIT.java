package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import mews.model.AppName;
import mews.model.Fact;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class RestIT extends RestCalls {
    @Test
    void keysAreAskedForAndErrorsHaveADetail() {
        HttpResponse<String> none =
                fixture.send(HttpRequest.newBuilder(fixture.uri("/users/current")));
        HttpResponse<String> tooLittle =
                fixture.send(
                        HttpRequest.newBuilder(fixture.uri("/applications/metrics"))
                                .header("Authorization", "Key " + fixture.caller.text()));

        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(json(none).path("detail").stringValue()).contains("FAL_KEY");
        assertThat(tooLittle.statusCode()).isEqualTo(403);
        assertThat(fixture.rest("GET", "/nowhere", "").statusCode()).isEqualTo(404);
        assertThat(fixture.send(HttpRequest.newBuilder(fixture.uri("/health"))).statusCode())
                .isEqualTo(200);
    }

    @Test
    void tellsWhoOneIs() {
        JsonNode user = json(fixture.rest("GET", "//users//current", ""));
        JsonNode teams = json(fixture.rest("GET", "/users/teams", ""));

        assertThat(user.path("nickname").stringValue()).isEqualTo("local");
        assertThat(user.path("user_id").stringValue()).startsWith("local|");
        assertThat(user.path("is_locked").booleanValue()).isFalse();
        assertThat(teams).hasSize(1);
        assertThat(teams.get(0).path("is_personal").booleanValue()).isTrue();
    }

    @Test
    void browsersMayAskBeforeTheyCall() {
        HttpResponse<String> answer =
                fixture.send(
                        HttpRequest.newBuilder(fixture.uri("/logs/history"))
                                .method("OPTIONS", HttpRequest.BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(answer.headers().firstValue("access-control-allow-origin")).hasValue("*");
    }

    @Test
    void tellsRunnersMetadataAndQueues() throws Exception {
        deploy();
        UUID runner = runner();

        JsonNode shown = json(fixture.rest("GET", "/runners/" + runner, ""));
        assertThat(shown.path("ended_at").isNull()).isTrue();
        assertThat(shown.path("started_at").stringValue()).endsWith("+00:00");
        assertThat(fixture.rest("GET", "/runners/" + UUID.randomUUID(), "").statusCode())
                .isEqualTo(404);
        JsonNode metadata = json(fixture.rest("GET", "/applications/local/hello/metadata", ""));
        assertThat(metadata.path("openapi").path("paths").has("/")).isTrue();
        JsonNode queue = json(fixture.rest("GET", "/applications/local/hello/queue", ""));
        assertThat(queue.path("size").intValue()).isZero();
        assertThat(fixture.rest("DELETE", "/applications/local/hello/queue", "").statusCode())
                .isEqualTo(200);
        assertThat(fixture.rest("GET", "/applications/eve/hello/queue", "").statusCode())
                .isEqualTo(404);
        assertThat(
                        json(fixture.rest("GET", "/applications/metrics", ""))
                                .path("summary")
                                .isObject())
                .isTrue();
    }

    @Test
    void tellsTheFactsOfARequestToItsOwnerAlone() {
        UUID mine = UUID.randomUUID();
        UUID theirs = UUID.randomUUID();
        fixture.history.record(fact(mine, HELLO));
        fixture.history.record(fact(theirs, new AppName("eve", "hello")));

        JsonNode facts = json(fixture.rest("GET", "/v1/mews/requests/" + mine + "/history", ""));
        assertThat(facts.path("facts").get(0).path("event").stringValue()).isEqualTo("queued");
        assertThat(fixture.rest("GET", "/v1/mews/requests/" + theirs + "/history", "").statusCode())
                .isEqualTo(404);
    }

    @Test
    void malformedBodiesAreRefusedAndTheConnectionGoesOn() {
        HttpResponse<String> noJson = fixture.rest("POST", "/files/missing_hashes", "not json");
        HttpResponse<String> noForm =
                fixture.rest("POST", "/files/file/local//data/x", "x".repeat(200_000));

        assertThat(noJson.statusCode()).isEqualTo(400);
        assertThat(noForm.statusCode()).isEqualTo(400);
        assertThat(json(noForm).path("detail").stringValue()).contains("file_upload");
        assertThat(fixture.rest("GET", "/users/current", "").statusCode()).isEqualTo(200);
    }

    private UUID runner() {
        return fixture.fleet.start(
                new mews.fleet.RunnerOrder(
                        fixture.deployment.routes().find(HELLO).revision(),
                        0,
                        mews.model.MachineCatalog.standard().find("S").orElseThrow(),
                        1,
                        Duration.ofSeconds(5),
                        null));
    }

    private static Fact fact(UUID request, AppName app) {
        return new Fact(
                START, Fact.Subject.REQUEST, request.toString(), app, "queued", Map.of("a", "b"));
    }
}
