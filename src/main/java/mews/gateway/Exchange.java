package mews.gateway;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/// A call whose answer is worked out on a virtual thread and given on the event loop it came in on.
///
/// @param request touched on `context` only, but for its headers and parameters
record Exchange(HttpServerRequest request, Context context) {
    void answer(Consumer<HttpServerRequest> how) {
        context.runOnContext(now -> how.accept(request));
    }
}
