package mews.control;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import mews.base.Json;
import mews.model.Caller;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// One REST request and its response, for a thread that may block.
final class Exchange {
    private static final int LARGEST_JSON = 16 * 1024 * 1024;
    private static final int PIECE = 256 * 1024;
    private static final long PATIENCE_SECONDS = 600;

    private final HttpServerRequest request;
    private final Context loop;
    private final Map<String, String> parts;
    private final @Nullable Caller caller;
    private final InputStream body;

    /// @param parts what the path's pattern names, decoded
    /// @param caller absent where none is needed
    Exchange(
            HttpServerRequest request,
            Context loop,
            Map<String, String> parts,
            @Nullable Caller caller) {
        this.request = request;
        this.loop = loop;
        this.parts = parts;
        this.caller = caller;
        this.body = new RequestBody(request, loop);
    }

    /// The machine a request came from; one word for all runners, whose door is a socket.
    static String from(HttpServerRequest request) {
        return request.remoteAddress() == null || request.remoteAddress().hostAddress() == null
                ? "runner"
                : request.remoteAddress().hostAddress();
    }

    /// @return what came with it to show who asks
    static Credentials.Sent sent(HttpServerRequest request) {
        return new Credentials.Sent(
                request.getHeader("Authorization"),
                request.getHeader("X-Fal-User-Id"),
                from(request));
    }

    Credentials.Sent sent() {
        return sent(request);
    }

    Caller caller() {
        if (caller == null) {
            throw new IllegalStateException("this route asks for no caller");
        }
        return caller;
    }

    String part(String name) {
        String value = parts.get(name);
        if (value == null) {
            throw new IllegalStateException("this route has no part " + name);
        }
        return value;
    }

    /// @return null if absent or empty
    @Nullable String query(String name) {
        String value = request.getParam(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /// @return null if absent or empty
    @Nullable String header(String name) {
        String value = request.getHeader(name);
        return value == null || value.isEmpty() ? null : value;
    }

    InputStream body() {
        return body;
    }

    /// @return the body; an empty one is an empty object
    /// @throws Refusal if it is not an object or too large
    JsonNode json() throws IOException {
        byte[] bytes = body.readNBytes(LARGEST_JSON + 1);
        if (bytes.length > LARGEST_JSON) {
            throw invalid("the body exceeds %d bytes".formatted(LARGEST_JSON));
        }
        if (bytes.length == 0) {
            return Json.MAPPER.createObjectNode();
        }
        JsonNode tree;
        try {
            tree = Json.MAPPER.readTree(bytes);
        } catch (JacksonException e) {
            throw invalid("the body is not JSON: " + e.getOriginalMessage());
        }
        if (!tree.isObject()) {
            throw invalid("the body must be a JSON object");
        }
        return tree;
    }

    void json(int status, Object value) {
        reply(status, "application/json", Json.write(value).getBytes(StandardCharsets.UTF_8));
    }

    void text(int status, String type, String text) {
        reply(status, type, text.getBytes(StandardCharsets.UTF_8));
    }

    void detail(int status, String text) {
        json(status, Map.of("detail", text));
    }

    /// @param etag sent as a header too, where clients look for it
    void json(int status, Object value, String etag) {
        await(() -> {
            request.response().putHeader("ETag", etag);
            return Future.succeededFuture();
        });
        json(status, value);
    }

    void file(Path file, String type) throws IOException {
        long size = Files.size(file);
        await(() -> {
            HttpServerResponse response =
                    request.response()
                            .putHeader("Content-Type", type)
                            .putHeader("X-Content-Type-Options", "nosniff");
            if (request.method().name().equals("HEAD")) {
                return response.putHeader("Content-Length", Long.toString(size)).end();
            }
            if (request.isSSL()) {
                response.putHeader("Content-Length", Long.toString(size));
                return Future.succeededFuture();
            }
            return response.sendFile(file.toString());
        });
        if (request.isSSL() && !request.method().name().equals("HEAD")) {
            pieces(file, size);
        }
    }

    /// The kernel cannot send what has to be encrypted.
    private void pieces(Path file, long size) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            for (long left = size; left > 0; ) {
                byte[] piece = in.readNBytes((int) Math.min(PIECE, left));
                if (piece.length == 0) {
                    throw new IOException(file + " became shorter while it was sent");
                }
                left -= piece.length;
                await(() -> request.response().write(Buffer.buffer(piece)));
            }
        }
        end();
    }

    boolean answered() {
        return request.response().headWritten();
    }

    /// Begins an endless answer of server-sent events.
    Events events() {
        Hangup hangup = new Hangup();
        await(() -> {
            HttpServerResponse response = request.response();
            response.closeHandler(ignored -> hangup.happened());
            response.setChunked(true)
                    .putHeader("Content-Type", "text/event-stream")
                    .putHeader("Cache-Control", "no-store");
            return response.writeHead();
        });
        return new Events(this, hangup);
    }

    void write(String text) {
        await(() -> request.response().write(Buffer.buffer(text)));
    }

    void end() {
        await(() -> request.response().end());
    }

    private void reply(int status, String type, byte[] content) {
        await(() ->
                request.response()
                        .setStatusCode(status)
                        .putHeader("Content-Type", type)
                        .end(Buffer.buffer(content)));
    }

    /// Does something with the response on its event loop, and waits until it is done.
    private void await(Supplier<Future<Void>> action) {
        var done = new java.util.concurrent.CompletableFuture<@Nullable Void>();
        loop.runOnContext(ignored -> {
            try {
                action.get()
                        .onComplete(result -> {
                            if (result.succeeded()) {
                                done.complete(null);
                            } else {
                                done.completeExceptionally(result.cause());
                            }
                        });
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new CallerGone(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallerGone(e);
        }
    }

    static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }

    /// The answer can no longer be delivered.
    static final class CallerGone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CallerGone(Throwable cause) {
            super("the caller went away", cause);
        }
    }
}
