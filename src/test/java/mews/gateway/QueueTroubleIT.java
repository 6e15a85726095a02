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
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import mews.model.AuthMode;
import mews.model.Fact;
import mews.model.StopReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// Queued requests that fail, are cancelled or run late.
@Timeout(60)
class QueueTroubleIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final GatewayFixture fixture;
    private final QueueCaller caller;

    QueueTroubleIT() throws Exception {
        fixture = new GatewayFixture();
        caller = new QueueCaller(fixture);
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void retriesOnAnotherRunnerAfterA503() throws Exception {
        UUID first = fixture.runner(1);
        JsonNode submitted = caller.submit("/flaky", "{}");
        await().until(() -> fixture.fleet.ending(first) != null);
        assertThat(json(caller.about(submitted, "/status")).get("status").stringValue())
                .isEqualTo("IN_QUEUE");

        fixture.runner(1);

        assertThat(caller.completed(submitted).body()).isEqualTo("at last");
        assertThat(fixture.history.events(Fact.Subject.REQUEST, id(submitted)))
                .containsSubsequence("leased", "retried", "leased", "completed");
    }

    @Test
    void reportsTheLastAttemptWhenTheCallerWantsNoRetry() throws Exception {
        fixture.runner(1);
        JsonNode submitted = caller.submit("/status/503", "{}", "x-fal-no-retry", "1");

        HttpResponse<String> result = caller.completed(submitted);

        assertThat(result.statusCode()).isEqualTo(503);
        assertThat(result.body()).contains("status 503");
        JsonNode status = json(caller.about(submitted, "/status"));
        assertThat(status.get("error").stringValue()).contains("503");
    }

    @Test
    void namesWhatWentWrongOnTheWay() throws Exception {
        UUID runner = fixture.runner(1);
        JsonNode submitted = caller.submit("/half", "{}", "x-fal-no-retry", "1");

        HttpResponse<String> result = caller.completed(submitted);

        assertThat(result.statusCode()).isEqualTo(502);
        assertThat(json(result).get("error_type").stringValue())
                .isEqualTo("runner_incomplete_response");
        assertThat(result.headers().firstValue("x-fal-error-type"))
                .hasValue("runner_incomplete_response");
        JsonNode status = json(caller.about(submitted, "/status"));
        assertThat(status.get("error_type").stringValue()).isEqualTo("runner_incomplete_response");
        await().until(() -> fixture.fleet.ending(runner) != null);
    }

    @Test
    void endsAttemptsThatTakeTooLong() throws Exception {
        fixture.serve(APP, AuthMode.PUBLIC, Duration.ofSeconds(1), LONG);
        UUID runner = fixture.runner(1);
        JsonNode submitted = caller.submit("/hold", "{}", "x-fal-no-retry", "1");

        HttpResponse<String> result = caller.completed(submitted);

        assertThat(result.statusCode()).isEqualTo(504);
        assertThat(json(result).get("error_type").stringValue()).isEqualTo("request_timeout");
        await().until(() -> fixture.fleet.ending(runner) != null);
    }

    @Test
    void keepsAttemptsUnchangedWhenThePlatformEndsTheRunner() throws Exception {
        UUID runner = fixture.runner(1);
        JsonNode submitted = caller.submit("/hold", "{}", "x-fal-no-retry", "1");
        await().until(() -> fixture.app.saw("request", "/hold"));

        fixture.fleet.stop(runner, StopReason.of(StopReason.Code.REPLACED));
        fixture.app.close();

        await().until(() ->
                fixture.history.events(Fact.Subject.REQUEST, id(submitted)).contains("released"));
        assertThat(json(caller.about(submitted, "/status")).get("status").stringValue())
                .isEqualTo("IN_QUEUE");
    }

    @Test
    void cancelsWaitingAndRunningRequests() throws Exception {
        JsonNode waiting = caller.submit("", "{}");
        HttpResponse<String> removed = caller.cancel(id(waiting));
        assertThat(removed.statusCode()).isEqualTo(200);
        assertThat(json(removed).get("status").stringValue()).isEqualTo("OK");
        assertThat(caller.cancel(id(waiting)).statusCode()).isEqualTo(400);
        assertThat(caller.about(waiting, "").statusCode()).isEqualTo(499);
        assertThat(json(caller.about(waiting, "/status")).get("error_type").stringValue())
                .isEqualTo("client_cancelled");

        fixture.runner(1);
        JsonNode running = caller.submit("/hold", "{}");
        await().until(() -> fixture.app.saw("request", "/hold"));
        assertThat(caller.cancel(id(running)).statusCode()).isEqualTo(202);
        await().until(() -> fixture.app.saw("request", "/hold/cancel"));
        fixture.app.letGo();
        assertThat(caller.completed(running).body()).isEqualTo("let go");
    }

    @Test
    void endsRequestsNotStartedInTime() throws Exception {
        JsonNode submitted = caller.submit("", "{}", "x-fal-request-timeout", "0.5");

        HttpResponse<String> result = caller.completed(submitted);

        assertThat(result.statusCode()).isEqualTo(504);
        assertThat(result.headers().firstValue("x-fal-request-timeout-type")).hasValue("user");
    }

    @Test
    void refusesMoreThanTheCallerAllowsToWait() throws Exception {
        caller.submit("", "{}");

        assertThat(fixture.post("/queue/ada/hello?fal_max_queue_length=0", "{}").statusCode())
                .isEqualTo(429);
        assertThat(fixture.post("/queue/ada/hello?fal_max_queue_length=x", "{}").statusCode())
                .isEqualTo(400);
        assertThat(fixture.post("/queue/ada/hello?fal_webhook=http://x/", "{}").statusCode())
                .isEqualTo(400);
    }

    @Test
    void completesAllItAcceptedWhileDatabaseConnectionsBreak() throws Exception {
        fixture.runner(2);
        Map<String, String> accepted = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            if (i % 20 == 10) {
                breakDatabaseConnections();
            }
            HttpResponse<String> response = fixture.post("/queue/ada/hello/echo", "request " + i);
            if (response.statusCode() == 200) {
                accepted.put(id(json(response)), "request " + i);
            }
        }

        assertThat(accepted).hasSizeGreaterThan(150);
        for (String id : accepted.keySet()) {
            UUID request = UUID.fromString(id);
            await().atMost(LONG)
                    .pollDelay(Duration.ZERO)
                    .ignoreExceptions()
                    .until(() -> fixture.queue.result(request).isPresent());
            assertThat(fixture.queue.result(request).orElseThrow().body())
                    .asString()
                    .isEqualTo(accepted.get(id));
        }
        await().until(() -> fixture.dispatcher.demands().isEmpty());
    }

    @Test
    void completesEachOfAThousandRequestsOnce() throws Exception {
        int count = 1000;
        List<CompletableFuture<HttpResponse<String>>> submits = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            submits.add(
                    fixture.http.sendAsync(
                            to(fixture.url("/queue/ada/hello/echo"))
                                    .POST(BodyPublishers.ofString("request " + i))
                                    .build(),
                            BodyHandlers.ofString(StandardCharsets.UTF_8)));
        }
        fixture.runner(2);
        fixture.runner(3);
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < count; i++) {
            JsonNode submitted = json(submits.get(i).get());
            ids.add(id(submitted));
            assertThat(caller.completed(submitted).body()).isEqualTo("request " + i);
        }

        assertThat(ids).hasSize(count);
        assertThat(fixture.app.count("request", "/echo")).isEqualTo(count);
        await().until(() -> fixture.dispatcher.demands().isEmpty());
        for (String id : ids) {
            assertThat(fixture.history.events(Fact.Subject.REQUEST, id))
                    .containsOnlyOnce("completed");
        }
    }

    /// The connection that asks may itself be one that the time before is just ending.
    private void breakDatabaseConnections() {
        await().ignoreExceptions()
                .untilAsserted(() ->
                        fixture.database.list(
                                "select pg_terminate_backend(pid) from pg_stat_activity"
                                        + " where datname = current_database()"
                                        + " and pid <> pg_backend_pid()",
                                (row, context) -> row.getBoolean(1)));
    }
}
