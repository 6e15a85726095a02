package mews.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Requests that no handler gets to see.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnreadHeadTest {
    private final Vertx vertx = Vertx.vertx();
    private int port;

    @BeforeAll
    void listen() {
        HttpServer server =
                vertx.createHttpServer(Listeners.options())
                        .requestHandler(request -> request.response().end("read"))
                        .invalidRequestHandler(new UnreadHead(vertx)::answer);
        port =
                server.listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join()
                        .actualPort();
    }

    @AfterAll
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1000, 200, read",
        "17000, 10, 414, address of the request",
        "3000000, 10, 414, address of the request",
        "10, 70000, 431, headers of the request",
        "10, 3000000, 431, headers of the request",
    })
    void aHeadThatIsTooLongIsAnswered(int line, int header, int status, String said)
            throws Exception {
        assertAnswer(
                "GET /%s HTTP/1.1\r\nHost: here\r\nConnection: close\r\nX-Long: %s\r\n\r\n"
                        .formatted("a".repeat(line), "b".repeat(header)),
                status,
                said);
    }

    @ParameterizedTest
    @CsvSource({"NONSENSE", "GET / HTTP/nine", "GET / HTTP/1.1|no header"})
    void whatIsNoHttpIsAnswered(String head) throws Exception {
        assertAnswer(head.replace("|", "\r\n") + "\r\n\r\n", 400, "this is no HTTP request");
    }

    private void assertAnswer(String request, int status, String said) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            // What it could not read of the version, it answers as the oldest.
            assertThat(in.readLine()).matches("HTTP/1.[01] " + status + " .*");
            assertThat(in.lines()).anyMatch(line -> line.contains(said));
        }
    }
}
