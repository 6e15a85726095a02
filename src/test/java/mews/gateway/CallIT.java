package mews.gateway;

import static mews.gateway.GatewayFixture.APP;
import static mews.gateway.GatewayFixture.json;
import static mews.gateway.GatewayFixture.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.Fact;
import mews.model.StopReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CallIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final GatewayFixture fixture;

    CallIT() throws Exception {
        fixture = new GatewayFixture();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse(null);
    }

    @Test
    void bringsTheAnswerOfTheAppWithItsStatusAndHeaders() throws Exception {
        UUID runner = fixture.runner(1);

        HttpResponse<String> response =
                fixture.post(
                        "/ada/hello/status/422?x-app=1", "{}", "content-type", "application/json");

        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).isEqualTo("{\"detail\": \"status 422\"}");
        assertThat(header(response, "x-app")).isEqualTo("1");
        assertThat(header(response, "x-fal-served-from")).isEqualTo(runner.toString());
        String id = header(response, "x-fal-request-id");
        assertThat(UUID.fromString(id).version()).isEqualTo(7);
        assertThat(fixture.app.seen().getFirst().requestId()).isEqualTo(id);
        await().untilAsserted(() ->
                assertThat(fixture.history.events(Fact.Subject.REQUEST, id))
                        .containsExactly("finished"));
        assertThat(fixture.history.of(Fact.Subject.REQUEST, id).getFirst().details())
                .containsEntry("status", "422")
                .containsEntry("runner", runner.toString())
                .containsKeys("received", "admitted", "first_byte");
    }

    @Test
    void filtersHeadersBothWays() throws Exception {
        fixture.runner(1);

        HttpResponse<String> response =
                fixture.post(
                        "/ada/hello/headers?x=1&fal_jwt_token=s3cret",
                        "{}",
                        "authorization",
                        "Key bob:secret",
                        "x-custom",
                        "mine",
                        "x-fal-no-retry",
                        "1",
                        "x-fal-request-timeout",
                        "60",
                        "x-fal-object-lifecycle-preference",
                        "{}");

        assertThat(response.body())
                .startsWith("POST /headers?x=1\n")
                .contains("x-custom: mine")
                .contains("x-fal-object-lifecycle-preference: {}")
                .contains("x-fal-endpoint: ada/hello/headers")
                .contains("x-fal-request-id: " + header(response, "x-fal-request-id"))
                .contains("x-fal-caller-user-id: ")
                .doesNotContain("caller-user-id: bob")
                .doesNotContain("secret")
                .doesNotContain("s3cret")
                .doesNotContain("no-retry")
                .doesNotContain("x-fal-request-timeout");
        assertThat(header(response, "x-fal-stop-runner")).isNull();
        assertThat(header(response, "x-fal-needs-retry")).isNull();
        assertThat(header(response, "x-fal-billable-units")).isEqualTo("3");
        assertThat(response.headers().allValues("set-cookie")).containsExactly("a=1", "b=2");
        assertThat(header(response, "access-control-allow-origin")).isEqualTo("*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ada/hello", "/ada/hello/"})
    void givesTheAppARootPath(String path) throws Exception {
        fixture.runner(1);

        assertThat(fixture.post(path, "{}").body()).isEqualTo("hello");
        assertThat(fixture.app.seen().getFirst().path()).isEqualTo("/");
    }

    @ParameterizedTest
    @CsvSource({
        "PRIVATE, '', 401",
        "PRIVATE, Key ada:wrong, 401",
        "PRIVATE, Key bob:secret, 401",
        "PRIVATE, Key ada:secret, 200",
        "PRIVATE, Bearer a.b.c, 401",
        "SHARED, '', 401",
        "SHARED, Key bob:secret, 200",
        "PUBLIC, '', 200",
        "PUBLIC, Key ada:wrong, 200"
    })
    void asksForAKeyAsTheAliasSays(AuthMode auth, String authorization, int status)
            throws Exception {
        fixture.serve(APP, auth, LONG, LONG);
        fixture.runner(1);

        HttpResponse<String> response =
                authorization.isEmpty()
                        ? fixture.post("/ada/hello", "{}")
                        : fixture.post("/ada/hello", "{}", "authorization", authorization);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(header(response, "x-fal-request-id")).isNotNull();
        if (status == 401) {
            assertThat(json(response).get("detail").stringValue()).isNotBlank();
        }
    }

    @Test
    void saysWhatIsNotThere() throws Exception {
        HttpResponse<String> response = fixture.post("/ada/nothing/x", "{}");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).get("detail").stringValue())
                .isEqualTo("Application \"nothing\" not found");
        assertThat(header(response, "content-type")).contains("application/json");
        assertThat(fixture.get("/nobody").statusCode()).isEqualTo(404);
        assertThat(fixture.get("/workflows/ada/hello").statusCode()).isEqualTo(404);
    }

    @Test
    void answersBrowsersThatAskFirst() throws Exception {
        HttpRequest request =
                to(fixture.url("/ada/hello"))
                        .method("OPTIONS", BodyPublishers.noBody())
                        .header("access-control-request-method", "POST")
                        .header("access-control-request-headers", "authorization")
                        .build();
        HttpResponse<String> response = fixture.http.send(request, BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(204);
        assertThat(header(response, "access-control-allow-origin")).isEqualTo("*");
        assertThat(header(response, "access-control-allow-headers")).contains("authorization");
        assertThat(header(response, "x-fal-request-id")).isNotNull();
    }

    @Test
    void streamsLargeBodiesBothWays() throws Exception {
        fixture.runner(1);
        HttpRequest up =
                to(fixture.url("/ada/hello/count"))
                        .POST(BodyPublishers.ofByteArray(new byte[24 << 20]))
                        .expectContinue(true)
                        .build();
        assertThat(fixture.http.send(up, BodyHandlers.ofString()).body()).isEqualTo("25165824");

        HttpRequest down = to(fixture.url("/ada/hello/big/24")).build();
        assertThat(fixture.http.send(down, BodyHandlers.ofByteArray()).body()).hasSize(24 << 20);
    }

    @Test
    void echoesWhileTheBodyIsStillBeingSent() throws Exception {
        fixture.runner(1);
        try (Socket socket = socket()) {
            OutputStream out = socket.getOutputStream();
            say(
                    out,
                    "POST /ada/hello/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
            say(out, "5\r\nfirst\r\n");
            InputStream in = socket.getInputStream();

            assertThat(readUntil(in, "first")).contains("200 OK");
            say(out, "6\r\nsecond\r\n0\r\n\r\n");
            assertThat(readUntil(in, "0\r\n\r\n")).contains("second");
        }
    }

    private Socket socket() throws Exception {
        Socket socket = new Socket("127.0.0.1", fixture.port());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void say(OutputStream out, String text) throws Exception {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String readUntil(InputStream in, String end) throws Exception {
        StringBuilder all = new StringBuilder();
        while (all.indexOf(end) < 0) {
            int next = in.read();
            if (next < 0) {
                return all + "<closed>";
            }
            all.append((char) next);
        }
        return all.toString();
    }

    @Test
    void passesEventsOnAsTheyCome() throws Exception {
        fixture.runner(1);
        HttpRequest request =
                to(fixture.url("/ada/hello/events")).POST(BodyPublishers.noBody()).build();
        HttpResponse<InputStream> response =
                fixture.http.send(request, BodyHandlers.ofInputStream());

        assertThat(header(response, "content-type")).isEqualTo("text/event-stream");
        try (InputStream in = response.body()) {
            assertThat(readUntil(in, "\n\n")).isEqualTo("data: {\"n\": 0}\n\n");
            assertThat(fixture.app.count("hang up", "/events")).isZero();
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("{\"n\": 2}\n\n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void passesAnswersWithoutABody(int status) throws Exception {
        fixture.runner(1);

        HttpResponse<String> response = fixture.get("/ada/hello/status/" + status);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(header(response, "transfer-encoding")).isNull();
        assertThat(fixture.get("/ada/hello").body()).isEqualTo("hello");
    }

    @Test
    void passesRedirectsOnWithoutFollowingThem() throws Exception {
        fixture.runner(1);

        HttpResponse<String> response =
                fixture.get("/ada/hello/status/302?location=http%3A%2F%2Felsewhere%2F");

        assertThat(response.statusCode()).isEqualTo(302);
        assertThat(header(response, "location")).isEqualTo("http://elsewhere/");
    }

    @Test
    void answersHeadWithoutABody() throws Exception {
        fixture.runner(1);
        HttpRequest request = to(fixture.url("/ada/hello/x")).HEAD().build();

        HttpResponse<String> response = fixture.http.send(request, BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(fixture.get("/ada/hello").body()).isEqualTo("hello");
    }

    @Test
    void passesTrailers() throws Exception {
        fixture.runner(1);
        try (Socket socket = socket()) {
            say(socket.getOutputStream(), "GET /ada/hello/trailers HTTP/1.1\r\nhost: x\r\n\r\n");

            assertThat(readUntil(socket.getInputStream(), "x-sum: 42\r\n\r\n"))
                    .contains("with trailers")
                    .doesNotContain("<closed>");
        }
    }

    @Test
    void answersOldClientsByClosingTheConnection() throws Exception {
        fixture.runner(1);
        try (Socket socket = socket()) {
            say(socket.getOutputStream(), "POST /ada/hello/events HTTP/1.0\r\nhost: x\r\n\r\n");

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("chunked")
                    .endsWith("data: {\"n\": 2}\n\n");
        }
    }

    @Test
    void speaksHttp2WithoutTls() throws Exception {
        fixture.runner(1);
        var client =
                fixture.vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false));
        CompletableFuture<String> body =
                client.request(HttpMethod.POST, fixture.port(), "127.0.0.1", "/ada/hello/echo")
                        .compose(request -> request.send("over h2"))
                        .compose(response -> response.body())
                        .map(Object::toString)
                        .toCompletionStage()
                        .toCompletableFuture();

        assertThat(body.get()).isEqualTo("over h2");
        client.close();
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
        try (Socket socket = socket()) {
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
            try (Socket socket = socket()) {
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
        try (Socket socket = socket()) {
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
        try (Socket socket = socket()) {
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

    @ParameterizedTest
    @CsvSource({"/break, 503, runner_disconnected", "/gone, 503, runner_connection_refused"})
    void namesTheFailureOfARunner(String path, int status, String type) throws Exception {
        UUID runner =
                path.equals("/gone")
                        ? fixture.fleet.ready(APP, fixture.revision, 1, fixture.folder + "/no.sock")
                        : fixture.runner(1);

        HttpResponse<String> response = fixture.get("/ada/hello" + path);

        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(header(response, "x-fal-error-type")).isEqualTo(type);
        assertThat(header(response, "x-fal-needs-retry")).isEqualTo("1");
        assertThat(json(response).get("error_type").stringValue()).isEqualTo(type);
        assertThat(json(response).get("detail").stringValue()).isNotBlank();
        await().until(() -> fixture.fleet.ending(runner) != null);
    }

    @Test
    void breaksTheAnswerOffWhereTheRunnerDid() throws Exception {
        UUID runner = fixture.runner(1);
        try (Socket socket = socket()) {
            say(socket.getOutputStream(), "GET /ada/hello/half HTTP/1.1\r\nhost: x\r\n\r\n");

            assertThat(readUntil(socket.getInputStream(), "never")).endsWith("only this<closed>");
        }
        await().until(() -> fixture.fleet.ending(runner) != null);
    }

    @Test
    void actsOnWhatTheAnswerSaysOfTheRunner() throws Exception {
        UUID first = fixture.runner(1);
        assertThat(fixture.get("/ada/hello/status/503").statusCode()).isEqualTo(503);
        await().until(() -> fixture.fleet.ending(first) != null);

        UUID second = fixture.runner(1);
        fixture.get("/ada/hello/status/503?x-fal-stop-runner=0");
        fixture.get("/ada/hello/status/500");
        assertThat(fixture.fleet.suspected()).containsExactly(second);
        fixture.get("/ada/hello/status/200?x-fal-stop-runner=1");
        await().until(() -> fixture.fleet.ending(second) != null);
    }

    @Test
    void prefersTheRunnerThatReportedTheHint() throws Exception {
        String first = fixture.runner(1).toString();
        String second = fixture.runner(1).toString();
        fixture.get("/ada/hello/status/200?x-fal-runner-hints=lora-a");
        fixture.get("/ada/hello/status/200?x-fal-runner-hints=lora-b");

        List<String> servedFrom = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            servedFrom.add(
                    header(
                            fixture.get("/ada/hello", "x-fal-runner-hint", "lora-b"),
                            "x-fal-served-from"));
        }

        assertThat(servedFrom).doesNotContain(first).contains(second);
    }

    @Test
    void refusesAnswersWithTooManyHeaders() throws Exception {
        fixture.runner(1);
        fixture.app.onRequest(
                request -> request.response().putHeader("x-large", "x".repeat(17_000)));

        assertThat(fixture.get("/ada/hello").statusCode()).isGreaterThanOrEqualTo(500);
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
        try (Socket socket = socket()) {
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

        assertThat(response.statusCode()).isEqualTo(401);
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
