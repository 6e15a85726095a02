package mews.gateway;

import static mews.gateway.GatewayFixture.to;
import static mews.gateway.RawHttp.header;
import static mews.gateway.RawHttp.readUntil;
import static mews.gateway.RawHttp.say;
import static mews.gateway.RawHttp.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What differs between versions of HTTP.
@Timeout(60)
class HttpVersionsIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final GatewayFixture fixture;

    HttpVersionsIT() throws Exception {
        fixture = new GatewayFixture();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
    }

    @Test
    void passesTrailers() throws Exception {
        fixture.runner(1);
        try (Socket socket = socket(fixture)) {
            say(socket.getOutputStream(), "GET /ada/hello/trailers HTTP/1.1\r\nhost: x\r\n\r\n");

            assertThat(readUntil(socket.getInputStream(), "x-sum: 42\r\n\r\n"))
                    .contains("with trailers")
                    .doesNotContain("<closed>");
        }
    }

    @Test
    void answersOldClientsByClosingTheConnection() throws Exception {
        fixture.runner(1);
        try (Socket socket = socket(fixture)) {
            say(socket.getOutputStream(), "POST /ada/hello/events HTTP/1.0\r\nhost: x\r\n\r\n");

            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("chunked")
                    .endsWith("data: {\"n\": 2}\n\n");
        }
    }

    @Test
    void speaksHttp2WithoutTls() throws Exception {
        fixture.runner(1);
        HttpClient client = http2();
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
    void tellsByHttp2ThatAnAnswerIsNotWhole() throws Exception {
        fixture.runner(1);
        HttpClient client = http2();
        CompletableFuture<Buffer> body =
                client.request(HttpMethod.GET, fixture.port(), "127.0.0.1", "/ada/hello/half")
                        .compose(request -> request.send())
                        .compose(response -> response.body())
                        .toCompletionStage()
                        .toCompletableFuture();

        assertThatThrownBy(body::get)
                .cause()
                .isInstanceOfSatisfying(
                        StreamResetException.class,
                        broken -> assertThat(broken.getCode()).isEqualTo(2));
        client.close();
    }

    private HttpClient http2() {
        return fixture.vertx.createHttpClient(
                new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false));
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
    void passesRedirectsOnWithoutFollowingThem() throws Exception {
        fixture.runner(1);

        HttpResponse<String> response =
                fixture.get("/ada/hello/status/302?location=http%3A%2F%2Felsewhere%2F");

        assertThat(response.statusCode()).isEqualTo(302);
        assertThat(header(response, "location")).isEqualTo("http://elsewhere/");
    }
}
