package mews.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// An HTTP server on loopback that gives the answers it was told and remembers what it was asked.
final class FakeRest implements AutoCloseable {
    record Asked(String method, String uri, Map<String, List<String>> headers, String body) {
        @Nullable String header(String name) {
            List<String> values = headers.get(name);
            return values == null ? null : values.getFirst();
        }
    }

    @FunctionalInterface
    interface Answering {
        void answer(HttpExchange exchange, Asked asked) throws IOException;
    }

    private final HttpServer server;
    private final Map<String, Answering> answers = new ConcurrentHashMap<>();
    final List<Asked> asked = new CopyOnWriteArrayList<>();

    FakeRest() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
        json("GET /users/current", 200, "{\"nickname\": \"local\"}");
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    Rest rest() {
        return new Rest(ServerAddress.of(URI.create(url()), "id:secret", "the test"));
    }

    /// @param request method and path, without the query
    FakeRest on(String request, Answering answering) {
        answers.put(request, answering);
        return this;
    }

    FakeRest json(String request, int status, String body) {
        return on(request, (exchange, asked) -> send(exchange, status, "application/json", body));
    }

    static void send(HttpExchange exchange, int status, String type, String body)
            throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Asked one =
                    new Asked(
                            exchange.getRequestMethod(),
                            exchange.getRequestURI().toString(),
                            exchange.getRequestHeaders(),
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
            asked.add(one);
            Answering answering =
                    answers.get(one.method() + " " + exchange.getRequestURI().getPath());
            if (answering == null) {
                send(exchange, 404, "application/json", "{\"detail\": \"no such thing\"}");
            } else {
                answering.answer(exchange, one);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
