package mews.server;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Map;
import mews.base.Json;

/// Answers requests whose head was not taken in: too long, or no HTTP.
final class UnreadHead {
    /// While it is open, what the caller still sends is dropped. Closed at once, the connection
    /// would be reset below the caller, who then often does not see the answer.
    private static final long LINGER_MILLIS = 1000;

    private final Vertx vertx;

    UnreadHead(Vertx vertx) {
        this.vertx = vertx;
    }

    void answer(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof TooLongHttpLineException) {
            say(
                    request,
                    414,
                    "the address of the request is longer than %d bytes; send what is long as its body"
                            .formatted(Listeners.LONGEST_LINE));
        } else if (cause instanceof TooLongHttpHeaderException) {
            say(
                    request,
                    431,
                    "the headers of the request are larger than %d bytes together; send what is large as its body"
                            .formatted(Listeners.LARGEST_HEADERS));
        } else {
            say(request, 400, "this is no HTTP request: its first lines cannot be read");
        }
    }

    private void say(HttpServerRequest request, int status, String why) {
        Buffer body = Buffer.buffer(Json.write(Map.of("detail", why)));
        HttpServerResponse response =
                request.response()
                        .setStatusCode(status)
                        .putHeader("content-type", "application/json")
                        .putHeader("content-length", Integer.toString(body.length()))
                        .putHeader("access-control-allow-origin", "*");
        // On HTTP/2 the connection is shared with other requests.
        if (request.version() == HttpVersion.HTTP_2) {
            response.end(body);
            return;
        }
        // All is said; its end would close the connection.
        response.putHeader("connection", "close").write(body);
        vertx.setTimer(LINGER_MILLIS, later -> request.connection().close());
    }
}
