package mews.gateway;

import static mews.gateway.GatewayFixture.APP;
import static mews.gateway.GatewayFixture.json;
import static mews.gateway.RawHttp.header;
import static mews.gateway.RawHttp.readUntil;
import static mews.gateway.RawHttp.say;
import static mews.gateway.RawHttp.socket;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a runner says, or fails to say.
@Timeout(60)
class RunnerAnswerIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final GatewayFixture fixture;

    RunnerAnswerIT() throws Exception {
        fixture = new GatewayFixture();
    }

    @AfterEach
    void close() throws Exception {
        fixture.close();
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
    void nobodyComesNextOnAConnectionThatAnUncaughtExceptionEnds() throws Exception {
        UUID runner = fixture.runner(1);

        for (int call = 0; call < 20; call++) {
            assertThat(fixture.get("/ada/hello/broken").statusCode()).isEqualTo(500);
            assertThat(fixture.get("/ada/hello/hi").body()).isEqualTo("hello");
        }

        assertThat(fixture.fleet.ending(runner)).isNull();
    }

    @Test
    void breaksTheAnswerOffWhereTheRunnerDid() throws Exception {
        UUID runner = fixture.runner(1);
        try (Socket socket = socket(fixture)) {
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
}
