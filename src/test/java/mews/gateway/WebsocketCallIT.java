package mews.gateway;

import static mews.gateway.GatewayFixture.APP;
import static mews.gateway.RawHttp.say;
import static mews.gateway.RawHttp.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import mews.model.AppName;
import mews.model.AuthMode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Websockets through the gateway.
@Timeout(60)
class WebsocketCallIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final GatewayFixture fixture;

    WebsocketCallIT() throws Exception {
        fixture = new GatewayFixture();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void passesWebsocketsThroughUnchanged() throws Exception {
        UUID runner = fixture.runner(1);
        WebSocketClient client = fixture.vertx.createWebSocketClient();
        WebSocketConnectOptions options =
                new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(fixture.port())
                        .setURI("/ada/hello/realtime?x=1")
                        .addSubProtocol("chat");
        CompletableFuture<String> answer = new CompletableFuture<>();
        CountDownLatch opened = new CountDownLatch(1);
        CompletableFuture<WebSocket> socket = new CompletableFuture<>();
        client.connect(options)
                .onComplete(
                        connected -> {
                            connected.textMessageHandler(answer::complete);
                            connected.writeTextMessage("hi");
                            socket.complete(connected);
                            opened.countDown();
                        },
                        socket::completeExceptionally);

        assertThat(answer.get()).isEqualTo("you said hi");
        assertThat(socket.get().subProtocol()).isEqualTo("chat");
        assertThat(fixture.fleet.inFlightOf(runner)).isEqualTo(1);
        socket.get().close((short) 4001, "bye");
        await().until(() ->
                fixture.app.seen().stream()
                        .anyMatch(each ->
                                each.event().equals("websocket closed")
                                        && "4001".equals(each.requestId())));
        await().until(() -> fixture.fleet.inFlightOf(runner) == 0);
        assertThat(fixture.fleet.ending(runner)).isNull();
    }

    @Test
    void forgetsAWebsocketThatHungUpWhileWaiting() throws Exception {
        try (Socket socket = socket(fixture)) {
            say(
                    socket.getOutputStream(),
                    "GET /ada/hello/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n"
                            + "upgrade: websocket\r\nsec-websocket-version: 13\r\n"
                            + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
            await().until(() -> fixture.dispatcher.demands().containsKey(APP));
        }
        await().until(() -> fixture.dispatcher.demands().isEmpty());
    }

    @Test
    void refusesWebsocketsWithoutAKeyBeforeTheyWait() throws Exception {
        fixture.serve(new AppName("ada", "own"), AuthMode.PRIVATE, LONG, LONG);

        HttpResponse<String> response = fixture.get("/ada/own/realtime");
        HttpResponse<String> other =
                fixture.get("/ada/own/realtime?fal_jwt_token=" + fixture.token("ada", "hello"));

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(other.statusCode()).isEqualTo(401);
        assertThat(other.body()).contains("was made for other apps");
    }
}
