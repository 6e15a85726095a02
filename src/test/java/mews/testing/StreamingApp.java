package mews.testing;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// An app as a true HTTP and websocket server on a Unix socket, with a route for each way an app
/// may behave.
public final class StreamingApp implements AutoCloseable {
    /// @param event what happened, such as `hang up` or `request`
    public record Seen(String event, String path, String requestId) {}

    private final Vertx vertx;
    private final Path socket;
    private final HttpServer server;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final List<HttpServerResponse> held = new CopyOnWriteArrayList<>();
    private final AtomicInteger flaky = new AtomicInteger();
    private volatile Consumer<HttpServerRequest> onRequest = request -> {};

    private StreamingApp(Vertx vertx, Path socket) {
        this.vertx = vertx;
        this.socket = socket;
        HttpServerOptions options =
                new HttpServerOptions()
                        .setWebSocketSubProtocols(List.of("chat"))
                        .setMaxWebSocketMessageSize(4 << 20);
        this.server =
                vertx.createHttpServer(options)
                        .requestHandler(this::serve)
                        .webSocketHandler(this::talk);
    }

    public static StreamingApp listen(Vertx vertx, Path socket) throws Exception {
        StreamingApp app = new StreamingApp(vertx, socket);
        app.server
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        return app;
    }

    public String socket() {
        return socket.toString();
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public boolean saw(String event, String path) {
        return seen.stream()
                .anyMatch(each -> each.event().equals(event) && each.path().equals(path));
    }

    public long count(String event, String path) {
        return seen.stream()
                .filter(each -> each.event().equals(event) && each.path().equals(path))
                .count();
    }

    /// Runs on the app's event loop before the route does.
    public void onRequest(Consumer<HttpServerRequest> listener) {
        onRequest = listener;
    }

    /// Answers what `/hold` holds.
    public void letGo() {
        letGo("let go");
    }

    public void letGo(String answer) {
        held.forEach(response -> response.end(answer));
        held.clear();
    }

    /// How many answers are held.
    public int holding() {
        return held.size();
    }

    /// Breaks the connections of what `/hold` holds.
    public void breakOff() {
        held.forEach(HttpServerResponse::reset);
        held.clear();
    }

    private void note(String event, HttpServerRequest request) {
        seen.add(new Seen(event, request.path(), request.getHeader("x-fal-request-id")));
    }

    private void serve(HttpServerRequest request) {
        note("request", request);
        onRequest.accept(request);
        HttpServerResponse response = request.response();
        response.closeHandler(closed -> note("hang up", request));
        String[] path = request.path().split("/");
        switch (path.length < 2 ? "" : path[1]) {
            case "echo" -> echo(request);
            case "count" -> count(request);
            case "headers" -> headers(request);
            case "events" -> events(response, 0);
            case "hold" -> held.add(response);
            case "drip" -> {
                response.setChunked(true).write("one drop");
                held.add(response);
            }
            case "status" -> status(request, Integer.parseInt(path[2]));
            case "broken" ->
                    response.setStatusCode(500)
                            .end("no more")
                            .onComplete(said -> request.connection().close());
            case "break" -> request.connection().close();
            case "half" -> {
                response.putHeader("content-length", "100").write("only this");
                vertx.setTimer(50, late -> request.connection().close());
            }
            case "flaky" -> {
                if (flaky.getAndIncrement() % 2 == 0) {
                    status(request, 503);
                } else {
                    response.end("at last");
                }
            }
            case "big" -> big(response, Integer.parseInt(path[2]));
            case "trailers" ->
                    response.setChunked(true).putTrailer("x-sum", "42").end("with trailers");
            case "cancel", "missing" -> response.setStatusCode(404).end();
            default -> response.end("hello");
        }
    }

    private static void echo(HttpServerRequest request) {
        HttpServerResponse response = request.response().setChunked(true);
        String type = request.getHeader("content-type");
        if (type != null) {
            response.putHeader("content-type", type);
        }
        request.pipeTo(response);
    }

    private void count(HttpServerRequest request) {
        AtomicInteger length = new AtomicInteger();
        request.handler(chunk -> length.addAndGet(chunk.length()));
        request.endHandler(end -> {
            note("whole body", request);
            request.response().end(length.toString());
        });
    }

    private static void headers(HttpServerRequest request) {
        StringBuilder all = new StringBuilder(request.method() + " " + request.uri() + "\n");
        request.headers()
                .forEach((name, value) -> all.append(name).append(": ").append(value).append('\n'));
        request.response().headers().add("set-cookie", "a=1").add("set-cookie", "b=2");
        request.response()
                .putHeader("x-fal-stop-runner", "0")
                .putHeader("x-fal-needs-retry", "1")
                .putHeader("x-fal-billable-units", "3")
                .end(all.toString());
    }

    /// Three events, 100 ms apart.
    private void events(HttpServerResponse response, int sent) {
        if (sent == 0) {
            response.setChunked(true).putHeader("content-type", "text/event-stream");
        }
        if (sent == 3) {
            response.end();
            return;
        }
        response.write("data: {\"n\": " + sent + "}\n\n");
        vertx.setTimer(100, next -> events(response, sent + 1));
    }

    private static void status(HttpServerRequest request, int status) {
        HttpServerResponse response = request.response().setStatusCode(status);
        request.params().forEach((name, value) -> response.putHeader(name, value));
        if (status == 204 || status == 304) {
            response.end();
        } else {
            response.end("{\"detail\": \"status " + status + "\"}");
        }
    }

    private void big(HttpServerResponse response, int megabytes) {
        response.setChunked(true);
        write(response, megabytes * 16);
    }

    private static void write(HttpServerResponse response, int chunks) {
        int left = chunks;
        while (left > 0 && !response.writeQueueFull()) {
            response.write(Buffer.buffer(new byte[64 * 1024]));
            left--;
        }
        if (left == 0) {
            response.end();
        } else {
            int rest = left;
            response.drainHandler(drained -> write(response, rest));
        }
    }

    private void talk(ServerWebSocket socket) {
        seen.add(new Seen("websocket", socket.path(), socket.headers().get("x-fal-request-id")));
        socket.closeHandler(closed ->
                seen.add(
                        new Seen(
                                "websocket closed",
                                socket.path(),
                                String.valueOf(socket.closeStatusCode()))));
        socket.textMessageHandler(text -> socket.writeTextMessage("you said " + text));
        socket.binaryMessageHandler(socket::writeBinaryMessage);
    }

    @Override
    public void close() {
        server.close();
    }
}
