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

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import mews.model.AuthMode;
import mews.model.Fact;
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
    void aTokenStandsForTheKeyOfItsMaker() throws Exception {
        fixture.serve(APP, AuthMode.PRIVATE, LONG, LONG);
        fixture.runner(1);
        String path = "/ada/hello?fal_jwt_token=";

        assertThat(fixture.post(path + fixture.token("ada", "hello"), "{}").statusCode())
                .isEqualTo(200);
        assertThat(fixture.post(path + fixture.token("bob", "hello"), "{}").statusCode())
                .isEqualTo(401);
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
        assertThat(fixture.get("/comfy/ada/hello").statusCode()).isEqualTo(404);
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
        try (Socket socket = socket(fixture)) {
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
}
