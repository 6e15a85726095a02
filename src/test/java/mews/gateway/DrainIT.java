package mews.gateway;

import static mews.gateway.GatewayFixture.json;
import static mews.gateway.GatewayFixture.to;
import static mews.gateway.QueueCaller.id;
import static mews.gateway.RawHttp.readUntil;
import static mews.gateway.RawHttp.say;
import static mews.gateway.RawHttp.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import mews.model.Fact;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// What becomes of calls whose runner is to go. protocol: platform 6
@Timeout(60)
class DrainIT {
    private static final String HANDSHAKE =
            "GET /ada/hello/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n"
                    + "upgrade: websocket\r\nsec-websocket-version: 13\r\n"
                    + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /// What a caller answers to status 1001, "going away", with a mask of zeros.
    private static final byte[] MASKED_GOING_AWAY = {
        (byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe9
    };

    private final GatewayFixture fixture;
    private final QueueCaller caller;

    DrainIT() throws Exception {
        fixture = new GatewayFixture();
        caller = new QueueCaller(fixture);
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void endsWebsocketsAtTheirOwnDeadline() throws Exception {
        UUID runner = fixture.runner(1);
        try (Socket socket = socket(fixture)) {
            say(socket.getOutputStream(), HANDSHAKE);
            readUntil(socket.getInputStream(), "\r\n\r\n");
            assertThat(fixture.fleet.inFlightOf(runner)).isEqualTo(1);

            fixture.fleet.beginDrain(runner, StopReason.of(Code.REPLACED));

            assertThat(socket.getInputStream().readNBytes(4)).containsExactly(0x88, 2, 3, 0xe9);
            socket.getOutputStream().write(MASKED_GOING_AWAY);
            assertEnds(socket.getInputStream());
        }
        await().until(() ->
                fixture.app.seen().stream()
                        .anyMatch(each ->
                                each.event().equals("websocket closed")
                                        && "1001".equals(each.requestId())));
        await().until(() -> fixture.fleet.inFlightOf(runner) == 0);
        assertThat(fixture.fleet.ending(runner)).isNull();
    }

    @Test
    void breaksStreamsOffAtTheirOwnDeadline() throws Exception {
        UUID runner = fixture.runner(1);
        try (Socket socket = socket(fixture)) {
            say(socket.getOutputStream(), "GET /ada/hello/drip HTTP/1.1\r\nhost: x\r\n\r\n");
            readUntil(socket.getInputStream(), "one drop\r\n");

            fixture.fleet.beginDrain(runner, StopReason.of(Code.REPLACED));

            assertEnds(socket.getInputStream());
        }
        await().until(() -> fixture.app.saw("hang up", "/drip"));
        await().until(() -> fixture.fleet.inFlightOf(runner) == 0);
    }

    @Test
    void endsAStreamThatBeginsOnceItsRunnerWaitsNoLonger() throws Exception {
        UUID runner = fixture.runner(2);
        CompletableFuture<HttpResponse<String>> held = get("/ada/hello/hold");
        await().until(() -> fixture.app.holding() == 1);
        try (Socket socket = socket(fixture)) {
            say(socket.getOutputStream(), HANDSHAKE);
            readUntil(socket.getInputStream(), "\r\n\r\n");
            fixture.fleet.beginDrain(runner, StopReason.of(Code.REPLACED));
            // Whoever does not answer is cut off.
            assertThat(socket.getInputStream().readNBytes(4)).containsExactly(0x88, 2, 3, 0xe9);
            assertEnds(socket.getInputStream());
        }

        // An ordinary call goes on: its deadline is another.
        fixture.app.letGo();

        assertThat(held.get().body()).isEqualTo("let go");
        await().until(() -> fixture.fleet.inFlightOf(runner) == 0);
    }

    /// Whatever made the runner go: its owner, a rollout, or another request.
    @ParameterizedTest
    @EnumSource(names = {"REPLACED", "STOPPED", "IDLE", "REMOVED", "SERVER_GONE", "REQUEST_FAILED"})
    void givesQueuedWorkBackWithItsAttemptsUnchanged(Code why) throws Exception {
        UUID runner = fixture.runner(1);
        JsonNode submitted = caller.submit("/hold", "{}", "x-fal-no-retry", "1");
        await().until(() -> fixture.app.holding() == 1);

        fixture.fleet.beginDrain(runner, StopReason.of(why));
        fixture.fleet.terminate(runner);
        fixture.app.breakOff();

        await().untilAsserted(() ->
                assertThat(fixture.history.of(Fact.Subject.REQUEST, id(submitted)))
                        .extracting(Fact::event)
                        .contains("released"));
        fixture.fleet.stop(runner, StopReason.of(why));
        fixture.runner(1);
        await().until(() -> fixture.app.holding() == 1);
        fixture.app.letGo();
        assertThat(caller.completed(submitted).body()).isEqualTo("let go");
        assertThat(attempts(submitted)).containsOnly("1");
    }

    @Test
    void countsTheAttemptOfARequestThatBrokeItsRunner() throws Exception {
        fixture.runner(1);
        JsonNode submitted = caller.submit("/hold", "{}", "x-fal-no-retry", "1");
        await().until(() -> fixture.app.holding() == 1);

        fixture.app.breakOff();

        assertThat(caller.completed(submitted).statusCode()).isEqualTo(503);
        assertThat(json(caller.about(submitted, "/status")).get("error_type").stringValue())
                .isEqualTo("runner_disconnected");
    }

    private List<String> attempts(JsonNode submitted) {
        return fixture.history.of(Fact.Subject.REQUEST, id(submitted)).stream()
                .filter(fact -> fact.event().equals("attempt_started"))
                .map(fact -> fact.details().get("attempt"))
                .toList();
    }

    private CompletableFuture<HttpResponse<String>> get(String path) {
        return fixture.http.sendAsync(to(fixture.url(path)).build(), BodyHandlers.ofString());
    }

    /// Its end, or a reset.
    private static void assertEnds(InputStream in) {
        try {
            assertThat(in.readAllBytes()).isEmpty();
        } catch (IOException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }
}
