package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogsCommandTest {
    private FakeRest server;

    @BeforeEach
    void open() throws IOException {
        server = new FakeRest();
        server.on(
                "POST /logs/history",
                (exchange, asked) ->
                        FakeRest.send(
                                exchange,
                                200,
                                "application/json",
                                asked.uri().contains("until=")
                                        ? "{\"items\": [%s], \"next_until\": null}"
                                                .formatted(line(1))
                                        : "{\"items\": [%s, %s], \"next_until\": \"2026-01-01T00:00:02Z\"}"
                                                .formatted(line(3), line(2))));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String line(int n) {
        return "{\"timestamp\": \"2026-01-01T00:00:0%dZ\", \"level\": \"info\", \"message\": \"m%d\"}"
                .formatted(n, n);
    }

    @Test
    void printsAllPagesOldestFirst() {
        Ran ran = Ran.command("runners", "logs", "r1", "--since", "1h", "--server", server.url());

        assertThat(ran.out())
                .isEqualTo(
                        """
                        2026-01-01T00:00:01Z INFO    m1
                        2026-01-01T00:00:02Z INFO    m2
                        2026-01-01T00:00:03Z INFO    m3
                        """);
    }

    @Test
    void printsTheLastLinesOnly() {
        Ran ran = Ran.command("runners", "logs", "r1", "-n", "1", "--server", server.url());

        assertThat(ran.out()).endsWith("m3\n").hasLineCount(1);
    }

    @Test
    void asksForOneRequestOfWhicheverApp() {
        Ran ran = Ran.command("logs", "--request", "r1", "--server", server.url());

        assertThat(ran.exitCode()).isZero();
        assertThat(server.asked.getLast().uri()).contains("request_id=r1").doesNotContain("app=");
        assertThat(Ran.command("logs", "--server", server.url()).err())
                .contains("Name an app, or a request");
    }

    @Test
    void goesOnWithLinesToComeWithoutRepeatingAny() {
        server.on(
                "POST /logs/stream",
                (exchange, asked) ->
                        FakeRest.send(
                                exchange,
                                200,
                                "text/event-stream",
                                "data: %s\n\ndata: not json\n\ndata: %s\n\n"
                                        .formatted(line(3), line(4))));

        Ran ran = Ran.command("runners", "logs", "r1", "-f", "--server", server.url());

        assertThat(ran.out().lines().map(line -> line.substring(line.length() - 2)))
                .containsExactly("m2", "m3", "m4");
    }

    @Test
    void anUnknownTimeIsBadInput() {
        Ran ran =
                Ran.command(
                        "runners", "logs", "r1", "--since", "yesterday", "--server", server.url());

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("'yesterday' is no time");
    }
}
