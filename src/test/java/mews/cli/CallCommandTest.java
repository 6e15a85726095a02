package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallCommandTest {
    private FakeRest server;

    @BeforeEach
    void open() throws IOException {
        server = new FakeRest();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Ran call(String... args) {
        List<String> all = new ArrayList<>(List.of("call"));
        all.addAll(List.of(args));
        all.addAll(List.of("--server", server.url()));
        return Ran.command(all.toArray(String[]::new));
    }

    @Test
    void printsTheAnswerAndOnlyThat() {
        server.json("POST /run/local/hello/greet", 200, "{\"message\":\"Hello, Ada!\"}");

        Ran ran = call("hello/greet", "--input", "{\"name\": \"Ada\"}");

        assertThat(ran.out()).isEqualTo("{\"message\":\"Hello, Ada!\"}\n");
        assertThat(ran.exitCode()).isZero();
        assertThat(server.asked.getLast().body()).isEqualTo("{\"name\": \"Ada\"}");
        assertThat(server.asked.getLast().header("Content-type")).isEqualTo("application/json");
    }

    @Test
    void readsTheInputFromAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("in.json"), "[1, 2]");
        server.json("POST /run/local/hello", 200, "{}");

        call("hello", "--input", "@" + file);

        assertThat(server.asked.getLast().body()).isEqualTo("[1, 2]");
    }

    @Test
    void inputThatIsNotJsonIsNeverSent() {
        Ran ran = call("hello", "--input", "{name: Ada}");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--input is not JSON");
        assertThat(server.asked).isEmpty();
    }

    @Test
    void tellsWhatTheAppAnsweredInsteadOfAResult() {
        server.json("POST /run/local/hello", 422, "{\"detail\": \"name is missing\"}");

        Ran ran = call("hello");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("422").contains("name is missing");
    }

    @Test
    void saysWhereToLookWhenTheAppBroke() {
        server.on(
                "POST /run/local/hello",
                (exchange, asked) -> {
                    exchange.getResponseHeaders().add("x-fal-request-id", "r1");
                    FakeRest.send(exchange, 500, "text/plain", "Internal Server Error");
                });

        assertThat(call("hello").err())
                .contains("Internal Server Error\n")
                .contains("mews logs --request r1\n")
                .contains("mews explain r1\n");
    }

    @Test
    void addressesAppsOfANamedEnvironmentAndOfOthers() {
        server.json("POST /run/local/hello--staging/x", 200, "1");
        server.json("POST /run/grace/compiler", 200, "2");

        assertThat(call("hello/x", "--env", "staging").out()).isEqualTo("1\n");
        assertThat(call("@grace/compiler").out()).isEqualTo("2\n");
    }

    @Test
    void writesBytesAsTheyAre() {
        server.on(
                "POST /run/local/image",
                (exchange, asked) -> FakeRest.send(exchange, 200, "image/png", "\tPNG"));

        assertThat(call("image").out()).isEqualTo("\tPNG");
    }

    @Test
    void printsEventsOneALine() {
        server.on(
                "POST /run/local/hello/stream",
                (exchange, asked) ->
                        FakeRest.send(
                                exchange,
                                200,
                                "text/event-stream",
                                "data: {\"n\": 1}\n\n: ping\n\ndata: {\"n\": 2}\n\n"));

        assertThat(call("hello", "--stream").out()).isEqualTo("{\"n\": 1}\n{\"n\": 2}\n");
    }

    @Test
    void saysOnceWhyItWaits() {
        CountDownLatch looks = new CountDownLatch(2);
        server.on(
                "GET /v1/mews/apps/local/hello/explanation",
                (exchange, asked) -> {
                    FakeRest.send(
                            exchange,
                            200,
                            "application/json",
                            "{\"at\": \"2026-01-01T10:00:00Z\", \"held_up\": {\"by\": \"backoff\", \"reason\": \"setup() failed: no weights\", \"until\": \"2026-01-01T10:00:29.5Z\"}}");
                    looks.countDown();
                });
        server.on(
                "POST /run/local/hello",
                (exchange, asked) -> {
                    try {
                        looks.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    FakeRest.send(exchange, 200, "application/json", "1");
                });

        assertThat(call("hello").err())
                .containsOnlyOnce(
                        "the last start failed: setup() failed: no weights; next try in 30 s\n");
    }

    @Test
    void waitsInTheQueueAndPrintsTheResult() {
        AtomicInteger looks = new AtomicInteger();
        server.json("POST /queue/local/hello/greet", 200, "{\"request_id\": \"r1\"}");
        server.on(
                "GET /queue/local/hello/requests/r1/status",
                (exchange, asked) -> {
                    int look = looks.getAndIncrement();
                    FakeRest.send(
                            exchange,
                            look < 2 ? 202 : 200,
                            "application/json",
                            switch (look) {
                                case 0 ->
                                        "{\"status\": \"IN_QUEUE\", \"queue_position\": 3, \"logs\": null}";
                                case 1 ->
                                        "{\"status\": \"IN_PROGRESS\", \"logs\": [{\"message\": \"one\"}]}";
                                default ->
                                        "{\"status\": \"COMPLETED\", \"logs\": [{\"message\": \"one\"}, {\"message\": \"two\"}]}";
                            });
                });
        server.json("GET /queue/local/hello/requests/r1", 200, "{\"ok\": true}");

        Ran ran = call("hello/greet", "--queue");

        assertThat(ran.out()).isEqualTo("{\"ok\": true}\n");
        assertThat(ran.err()).contains("in the queue, 3 before it", "in progress");
        assertThat(ran.err()).containsOnlyOnce("one").containsOnlyOnce("two");
    }

    @Test
    void theQueueHasOneMethod() {
        assertThat(call("hello", "--queue", "--method", "GET").err())
                .contains("the queue sends POST");
        assertThat(server.asked).isEmpty();
    }

    @Test
    void aRequestNeedNotBeWaitedFor() {
        server.json("POST /queue/local/hello", 200, "{\"request_id\": \"r1\"}");

        assertThat(call("hello", "--queue", "--no-wait").out())
                .isEqualTo("{\"request_id\":\"r1\"}\n");
    }

    @Test
    void sayWhereARefusedKeyCameFrom() {
        server.json("GET /users/current", 401, "{\"detail\": \"unknown key\"}");

        assertThat(call("hello").err()).contains("unknown key (key from ");
    }
}
