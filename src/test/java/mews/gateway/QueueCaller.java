package mews.gateway;

import static mews.gateway.GatewayFixture.json;
import static mews.gateway.GatewayFixture.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;

/// Calls the fixture's app through the queue.
final class QueueCaller {
    private final GatewayFixture fixture;

    QueueCaller(GatewayFixture fixture) {
        this.fixture = fixture;
    }

    JsonNode submit(String path, String body, String... headers) throws Exception {
        HttpResponse<String> response = fixture.post("/queue/ada/hello" + path, body, headers);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return json(response);
    }

    static String id(JsonNode status) {
        return status.get("request_id").stringValue();
    }

    HttpResponse<String> about(JsonNode submitted, String operation) throws Exception {
        return fixture.get("/queue/ada/hello/requests/" + id(submitted) + operation);
    }

    HttpResponse<String> completed(JsonNode submitted) throws Exception {
        await().atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .until(() -> about(submitted, "/status").statusCode() == 200);
        return about(submitted, "");
    }

    HttpResponse<String> cancel(String id) throws Exception {
        return fixture.http.send(
                to(fixture.url("/queue/ada/hello/requests/" + id + "/cancel"))
                        .PUT(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }
}
