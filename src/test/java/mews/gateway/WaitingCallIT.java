package mews.gateway;

import static mews.gateway.GatewayFixture.APP;
import static mews.gateway.GatewayFixture.json;
import static mews.gateway.GatewayFixture.to;
import static mews.gateway.RawHttp.header;
import static mews.gateway.RawHttp.readUntil;
import static mews.gateway.RawHttp.say;
import static mews.gateway.RawHttp.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import mews.model.AuthMode;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import mews.model.StopReason;
import mews.model.Timeouts;
import mews.testing.Specs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Calls that wait, are given up, or outlive their caller.
@Timeout(60)
class WaitingCallIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final GatewayFixture fixture;

    WaitingCallIT() throws Exception {
        fixture = new GatewayFixture();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void waitsForARunnerAndThenAnswers() throws Exception {
        CompletableFuture<HttpResponse<String>> response =
                fixture.http.sendAsync(
                        to(fixture.url("/ada/hello/health")).build(), BodyHandlers.ofString());
        await().until(() -> fixture.dispatcher.demands().containsKey(APP));
        assertThat(fixture.dispatcher.demands().get(APP).waiting()).hasSize(1);

        fixture.runner(1);

        assertThat(response.get().statusCode()).isEqualTo(200);
        await().until(() -> fixture.dispatcher.demands().isEmpty());
    }

    @Test
    void givesUpWhenNoRunnerBecomesReadyInTime() throws Exception {
        fixture.serve(APP, AuthMode.PUBLIC, LONG, Duration.ofSeconds(1));

        HttpResponse<String> response = fixture.get("/ada/hello");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(header(response, "x-fal-error-type")).isEqualTo("startup_timeout");
        assertThat(header(response, "x-fal-request-timeout-type")).isNull();
        assertThat(json(response).get("error_type").stringValue()).isEqualTo("startup_timeout");
    }

    @Test
    void keepsTheCallersOwnStartDeadline() throws Exception {
        HttpResponse<String> response = fixture.get("/ada/hello", "x-fal-request-timeout", "0.3");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(header(response, "x-fal-request-timeout-type")).isEqualTo("user");
        assertThat(fixture.get("/ada/hello", "x-fal-request-timeout", "soon").statusCode())
                .isEqualTo(400);
    }

    @Test
    void keepsTheStartTimeoutOfTheAppForItsOwner() throws Exception {
        fixture.serve(APP, AuthMode.PUBLIC, startWithinASecond(), LONG, Duration.ofSeconds(2));

        HttpResponse<String> mine = fixture.get("/ada/hello", "authorization", "Key ada:secret");
        HttpResponse<String> theirs = fixture.get("/ada/hello", "authorization", "Key bob:secret");
        HttpResponse<String> queued =
                new QueueCaller(fixture)
                        .completed(
                                json(
                                        fixture.post(
                                                "/queue/ada/hello",
                                                "{}",
                                                "authorization",
                                                "Key ada:secret")));

        assertThat(header(mine, "x-fal-request-timeout-type")).isEqualTo("user");
        assertThat(theirs.statusCode()).isEqualTo(504);
        assertThat(header(theirs, "x-fal-request-timeout-type")).isNull();
        assertThat(queued.statusCode()).isEqualTo(504);
        assertThat(queued.body()).contains("request_start_timeout");
    }

    private static RevisionSpec startWithinASecond() {
        Timeouts timeouts = new Timeouts(LONG, LONG, LONG, Duration.ofSeconds(1));
        return Specs.app(ScalePolicy.DEFAULT, timeouts, List.of("S"));
    }

    @Test
    void endsARequestThatTakesTooLongAndItsRunner() throws Exception {
        fixture.serve(APP, AuthMode.PUBLIC, Duration.ofSeconds(1), LONG);
        UUID runner = fixture.runner(1);

        HttpResponse<String> response = fixture.get("/ada/hello/hold");

        assertThat(response.statusCode()).isEqualTo(504);
        assertThat(json(response).get("error_type").stringValue()).isEqualTo("request_timeout");
        await().until(() -> fixture.fleet.ending(runner) != null);
        assertThat(fixture.fleet.ending(runner).code()).isEqualTo(StopReason.Code.REQUEST_FAILED);
    }

    @Test
    void tellsTheRunnerThatTheCallerHungUpAndFreesTheSlot() throws Exception {
        UUID runner = fixture.runner(1);
        try (Socket socket = socket(fixture)) {
            say(
                    socket.getOutputStream(),
                    "POST /ada/hello/hold HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}");
            await().until(() -> fixture.app.saw("request", "/hold"));
        }

        await().until(() -> fixture.app.saw("hang up", "/hold"));
        await().until(() -> fixture.app.saw("request", "/hold/cancel"));
        await().until(() -> fixture.fleet.inFlightOf(runner) == 0);
        assertThat(fixture.fleet.ending(runner)).isNull();
        assertThat(fixture.get("/ada/hello").body()).isEqualTo("hello");
    }

    @Test
    void doesNotBlameTheRunnerForACallerWhoHangsUpMidAnswer() throws Exception {
        UUID runner = fixture.runner(1);
        for (int i = 0; i < 20; i++) {
            try (Socket socket = socket(fixture)) {
                say(socket.getOutputStream(), "GET /ada/hello/big/8 HTTP/1.1\r\nhost: x\r\n\r\n");
                readUntil(socket.getInputStream(), "\r\n\r\n");
                // Closing with unread bytes resets the connection, so that writes to it fail.
                socket.setSoLinger(true, 0);
            }
            await().pollDelay(Duration.ZERO).until(() -> fixture.fleet.inFlightOf(runner) == 0);
        }

        assertThat(fixture.fleet.ending(runner)).isNull();
        assertThat(fixture.get("/ada/hello").body()).isEqualTo("hello");
    }

    @Test
    void neverEndsABodyThatItsCallerBrokeOff() throws Exception {
        UUID runner = fixture.runner(1);
        try (Socket socket = socket(fixture)) {
            say(
                    socket.getOutputStream(),
                    "POST /ada/hello/count HTTP/1.1\r\nhost: x\r\n"
                            + "transfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            await().until(() -> fixture.app.saw("request", "/count"));
        }

        await().until(() -> fixture.app.saw("hang up", "/count"));
        assertThat(fixture.app.saw("whole body", "/count")).isFalse();
        await().until(() -> fixture.fleet.inFlightOf(runner) == 0);
        assertThat(fixture.fleet.ending(runner)).isNull();
    }

    @Test
    void forgetsACallerThatHungUpWhileWaiting() throws Exception {
        try (Socket socket = socket(fixture)) {
            say(
                    socket.getOutputStream(),
                    "POST /ada/hello HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n"
                            + "x".repeat(200_000));
            await().until(() -> fixture.dispatcher.demands().containsKey(APP));
        }

        await().until(() -> fixture.dispatcher.demands().isEmpty());
        fixture.runner(1);
        assertThat(fixture.get("/ada/hello").body()).isEqualTo("hello");
        assertThat(fixture.app.seen()).hasSize(1);
    }

    @Test
    void loadsItsRunnersEvenlyAndLeavesNothingBehind() throws Exception {
        UUID first = fixture.runner(2);
        UUID second = fixture.runner(2);
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            calls.add(
                    fixture.http.sendAsync(
                            to(fixture.url("/ada/hello/echo"))
                                    .POST(BodyPublishers.ofString("call " + i))
                                    .build(),
                            BodyHandlers.ofString()));
        }
        for (int i = 0; i < calls.size(); i++) {
            assertThat(calls.get(i).get().body()).isEqualTo("call " + i);
        }
        await().until(() -> fixture.dispatcher.demands().isEmpty());
        assertThat(fixture.fleet.inFlightOf(first) + fixture.fleet.inFlightOf(second)).isZero();
    }
}
