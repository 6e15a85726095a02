package mews.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.Map;

/// Says to a server, for as long as it is open, that somebody uses it.
final class Presence implements AutoCloseable {
    private final HttpURLConnection connection;

    private Presence(HttpURLConnection connection) {
        this.connection = connection;
    }

    /// @throws Failure if the server refuses, with its reason
    static Presence at(Rest rest) throws IOException {
        HttpURLConnection connection = rest.open("GET", "/v1/mews/presence", Map.of());
        Rest.Answer answer = Rest.answer(connection);
        if (!answer.ok()) {
            rest.json(answer);
        }
        // The server says something now and then; nothing is to be learnt from it.
        Thread.ofVirtual()
                .start(() -> {
                    try (answer) {
                        answer.body().transferTo(java.io.OutputStream.nullOutputStream());
                    } catch (IOException closed) {
                        // By us or by a server that ends; the command's own call tells.
                    }
                });
        return new Presence(connection);
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}
