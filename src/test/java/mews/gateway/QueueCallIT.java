package mews.gateway;

import static mews.gateway.GatewayFixture.APP;
import static mews.gateway.GatewayFixture.json;
import static mews.gateway.GatewayFixture.to;
import static mews.gateway.QueueCaller.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import mews.base.Json;
import mews.model.AuthMode;
import mews.model.Fact;
import mews.model.LogLine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class QueueCallIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final GatewayFixture fixture;
    private final QueueCaller caller;

    QueueCallIT() throws Exception {
        fixture = new GatewayFixture();
        caller = new QueueCaller(fixture);
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void answersASubmitWithAllThatClientsRead() throws Exception {
        JsonNode first = caller.submit("/echo", "{}");
        JsonNode second = caller.submit("/echo", "{}");

        assertThat(first.get("status").stringValue()).isEqualTo("IN_QUEUE");
        assertThat(first.get("queue_position").intValue()).isZero();
        assertThat(second.get("queue_position").intValue()).isEqualTo(1);
        assertThat(first.get("gateway_request_id").stringValue()).isEqualTo(id(first));
        String base = fixture.url("/queue/ada/hello/requests/" + id(first));
        assertThat(first.get("response_url").stringValue()).isEqualTo(base);
        assertThat(first.get("status_url").stringValue()).isEqualTo(base + "/status");
        assertThat(first.get("cancel_url").stringValue()).isEqualTo(base + "/cancel");

        HttpResponse<String> status = caller.about(second, "/status");
        assertThat(status.statusCode()).isEqualTo(202);
        assertThat(json(status).get("queue_position").intValue()).isEqualTo(1);
        assertThat(status.headers().firstValue("x-fal-request-id")).hasValue(id(second));
    }

    @Test
    void carriesARequestToItsResult() throws Exception {
        UUID runner = fixture.runner(1);
        JsonNode submitted =
                caller.submit("/status/201?x-app=1", "{}", "content-type", "application/json");

        HttpResponse<String> result = caller.completed(submitted);

        assertThat(result.statusCode()).isEqualTo(201);
        assertThat(result.body()).contains("status 201");
        assertThat(result.headers().firstValue("x-app")).hasValue("1");
        assertThat(result.headers().firstValue("x-fal-request-id")).hasValue(id(submitted));
        assertThat(result.headers().firstValue("x-fal-served-from")).hasValue(runner.toString());
        JsonNode status = json(caller.about(submitted, "/status"));
        assertThat(status.get("status").stringValue()).isEqualTo("COMPLETED");
        assertThat(status.get("metrics").get("inference_time").doubleValue()).isPositive();
        assertThat(status.has("logs")).isTrue();
        assertThat(fixture.history.events(Fact.Subject.REQUEST, id(submitted)))
                .containsExactly(
                        "queued", "leased", "attempt_started", "attempt_ended", "completed");
        assertThat(fixture.app.seen().getFirst().requestId()).isEqualTo(id(submitted));
    }

    @Test
    void understandsEachSpellingOfTheRoutes() throws Exception {
        fixture.runner(1);
        JsonNode submitted = caller.submit("/a/path", "{}");
        caller.completed(submitted);
        String id = id(submitted);

        for (String path :
                List.of(
                        "/requests/" + id,
                        "/requests/" + id + "/",
                        "/requests/" + id + "/response",
                        "/a/path/requests/" + id,
                        "/requests/" + id + "/status",
                        "/requests/" + id + "/status/",
                        "/a/path/requests/" + id + "/status?logs=true")) {
            assertThat(fixture.get("/queue/ada/hello" + path).statusCode()).as(path).isEqualTo(200);
        }
    }

    @Test
    void knowsNothingOfStrangersIds() throws Exception {
        JsonNode submitted = caller.submit("", "{}");
        UUID unknown = UUID.randomUUID();

        HttpResponse<String> status =
                fixture.get("/queue/ada/hello/requests/" + unknown + "/status");
        assertThat(status.statusCode()).isEqualTo(404);
        assertThat(json(status).get("status").stringValue()).isEqualTo("NOT_FOUND");
        assertThat(caller.cancel(unknown.toString()).statusCode()).isEqualTo(404);
        assertThat(fixture.get("/queue/ada/hello/requests/no-id/status").statusCode())
                .isEqualTo(404);
        assertThat(caller.about(submitted, "").statusCode()).isEqualTo(400);
        assertThat(caller.about(submitted, "/nonsense").statusCode()).isEqualTo(404);
        assertThat(fixture.get("/queue/ada/hello").statusCode()).isEqualTo(405);
    }

    @Test
    void showsACallersRequestsToNobodyElse() throws Exception {
        fixture.serve(APP, AuthMode.SHARED, LONG, LONG);
        JsonNode bobs = caller.submit("", "{}", "authorization", "Key bob:secret");
        String path = "/queue/ada/hello/requests/" + id(bobs) + "/status";

        assertThat(fixture.get(path, "authorization", "Key bob:secret").statusCode())
                .isEqualTo(202);
        assertThat(fixture.get(path, "authorization", "Key ada:secret").statusCode())
                .isEqualTo(202);
        assertThat(fixture.get(path).statusCode()).isEqualTo(401);
        JsonNode adas = caller.submit("", "{}", "authorization", "Key ada:secret");
        String other = "/queue/ada/hello/requests/" + id(adas) + "/status";
        assertThat(fixture.get(other, "authorization", "Key bob:secret").statusCode())
                .isEqualTo(404);
    }

    @Test
    void showsLogsInBothShapes() throws Exception {
        fixture.runner(1);
        JsonNode submitted = caller.submit("/hold", "{}");
        await().until(() -> fixture.app.saw("request", "/hold"));
        fixture.logs.append(line(id(submitted), "one"));

        JsonNode status = json(caller.about(submitted, "/status?logs=1"));
        JsonNode entry = status.get("logs").get(0);
        assertThat(entry.get("message").stringValue()).isEqualTo("one");
        assertThat(entry.get("level").stringValue()).isEqualTo("WARN");
        assertThat(entry.get("source").stringValue()).isEqualTo("USER");
        assertThat(entry.get("labels").get("level").stringValue()).isEqualTo("WARN");
        assertThat(entry.get("timestamp").stringValue()).matches(".*\\.\\d{3}Z");
        assertThat(json(caller.about(submitted, "/status")).get("logs").isNull()).isTrue();
        fixture.app.letGo();
    }

    @Test
    void streamsTheStatusUntilItIsComplete() throws Exception {
        JsonNode submitted = caller.submit("/hold", "{}");
        CompletableFuture<HttpResponse<Stream<String>>> stream =
                fixture.http.sendAsync(
                        to(fixture.url(
                                        "/queue/ada/hello/requests/"
                                                + id(submitted)
                                                + "/status/stream?logs=1"))
                                .build(),
                        BodyHandlers.ofLines());
        assertThat(stream.get().headers().firstValue("content-type")).hasValue("text/event-stream");
        fixture.runner(1);
        await().until(() -> fixture.app.saw("request", "/hold"));
        fixture.logs.append(line(id(submitted), "one"));
        fixture.app.letGo();

        List<JsonNode> events =
                stream.get()
                        .body()
                        .filter(text -> text.startsWith("data: "))
                        .map(text -> Json.MAPPER.readTree(text.substring(6)))
                        .toList();

        assertThat(events.getLast().get("status").stringValue()).isEqualTo("COMPLETED");
        assertThat(events.getFirst().get("status").stringValue()).isEqualTo("IN_QUEUE");
        long lines =
                events.stream()
                        .filter(event -> event.has("logs"))
                        .mapToLong(event -> event.get("logs").size())
                        .sum();
        assertThat(lines).isEqualTo(1);
    }

    @Test
    void takesLargeBodiesAndReturnsLargeResults() throws Exception {
        fixture.runner(1);
        String large = "x".repeat(3 << 20);
        JsonNode submitted =
                json(
                        fixture.http.send(
                                to(fixture.url("/queue/ada/hello/echo"))
                                        .POST(BodyPublishers.ofString(large))
                                        .expectContinue(true)
                                        .build(),
                                BodyHandlers.ofString()));

        assertThat(caller.completed(submitted).body()).isEqualTo(large);
    }

    private LogLine line(String request, String message) {
        return new LogLine(
                Instant.now(),
                LogLine.Level.WARNING,
                LogLine.Source.USER,
                "ada",
                APP,
                fixture.revision,
                null,
                UUID.fromString(request),
                message);
    }
}
