package mews.gateway;

import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.util.UUID;
import java.util.function.Consumer;
import mews.model.ErrorType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A call whose answer is worked out on a virtual thread and given on the event loop it came in on.
///
/// @param request touched on `context` only, but for its headers and parameters
record Exchange(HttpServerRequest request, Context context) {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    /// Does the work on a virtual thread; called on the event loop.
    ///
    /// @param sorry answered, as an internal error, where the work fails by a fault of this server
    static void aside(
            HttpServerRequest request,
            Context context,
            UUID id,
            String sorry,
            Consumer<Exchange> work) {
        Exchange exchange = new Exchange(request, context);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        work.accept(exchange);
                    } catch (RuntimeException e) {
                        LOG.error("call failed request_id={}", id, e);
                        exchange.answer(broken ->
                                Answers.problem(broken, id, ErrorType.INTERNAL_ERROR, sorry));
                    }
                });
    }

    void answer(Consumer<HttpServerRequest> how) {
        context.runOnContext(now -> how.accept(request));
    }
}
