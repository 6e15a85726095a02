package mews.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/// Takes a whole body into memory, up to a bound.
final class BodyReader {
    private BodyReader() {}

    /// @return fails if the body is larger than `most` bytes, or its caller went away
    static Future<Buffer> read(HttpServerRequest request, int most) {
        Promise<Buffer> whole = Promise.promise();
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
        Buffer body = Buffer.buffer();
        request.handler(chunk -> {
            if (body.length() + chunk.length() > most) {
                request.handler(rest -> {});
                whole.tryFail("larger than " + most + " bytes");
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(whole::tryFail);
        request.endHandler(end -> whole.tryComplete(body));
        return whole.future();
    }
}
