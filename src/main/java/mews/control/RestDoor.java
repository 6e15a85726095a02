package mews.control;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import mews.model.Caller;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// REST: each request on a virtual thread, errors as `{"detail"}`. protocol: control 3
final class RestDoor implements Handler<HttpServerRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(RestDoor.class);

    private final Router router;
    private final Credentials credentials;

    RestDoor(Router router, Credentials credentials) {
        this.router = router;
        this.credentials = credentials;
    }

    @Override
    public void handle(HttpServerRequest request) {
        allowBrowsers(request);
        if (request.method().equals(HttpMethod.OPTIONS)) {
            request.response().setStatusCode(204).end();
            return;
        }
        request.pause();
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        Thread.ofVirtual().name("rest").start(() -> answer(request, loop));
    }

    /// Where files have no address of their own, a prefix stands for it. protocol: choices 1
    private static String path(HttpServerRequest request) {
        String path = request.path() == null ? "/" : request.path();
        return path.startsWith("/cdn/") ? "/storage" + path : path;
    }

    private void answer(HttpServerRequest request, Context loop) {
        Exchange exchange = new Exchange(request, loop, Map.of(), null);
        String path = path(request);
        try {
            Router.Match match = router.find(request.method(), path);
            if (match == null) {
                exchange.detail(404, "there is no " + request.method() + " " + path);
                return;
            }
            Caller caller = caller(match.route().access(), request);
            exchange = new Exchange(request, loop, match.parts(), caller);
            match.route().handler().handle(exchange);
        } catch (Exchange.CallerGone e) {
            LOG.debug("caller went away path={}", path, e);
        } catch (Exception e) {
            refuse(exchange, e);
        } finally {
            // What was not read of the body must not stand in the way of the next request.
            loop.runOnContext(ignored -> {
                if (!request.isEnded()) {
                    request.handler(null).endHandler(null).resume();
                }
            });
        }
    }

    private @Nullable Caller caller(Router.Access access, HttpServerRequest request) {
        return switch (access) {
            case ANYONE -> null;
            case KEY -> credentials.any(Exchange.sent(request));
            case ADMIN -> credentials.admin(Exchange.sent(request));
        };
    }

    private static void refuse(Exchange exchange, Exception failure) {
        try {
            if (exchange.answered()) {
                LOG.warn("answer broke off", failure);
                exchange.end();
                return;
            }
            switch (failure) {
                case Refusal refusal ->
                        exchange.detail(
                                Errors.http(refusal.kind()), String.valueOf(refusal.getMessage()));
                case IOException broken
                        when broken.getMessage() != null
                                && broken.getMessage().startsWith("the upload") ->
                        exchange.detail(400, broken.getMessage());
                default -> exchange.detail(500, Errors.unexpected(failure));
            }
        } catch (Exchange.CallerGone e) {
            LOG.debug("caller went away", e);
        }
    }

    /// Pages of other origins may call with a key of their user; there are no cookies to abuse.
    private static void allowBrowsers(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        response.putHeader("Access-Control-Allow-Origin", "*");
        if (request.method().equals(HttpMethod.OPTIONS)) {
            String headers = request.getHeader("Access-Control-Request-Headers");
            response.putHeader("Access-Control-Allow-Methods", "GET, PUT, POST, PATCH, DELETE")
                    .putHeader("Access-Control-Allow-Headers", headers == null ? "*" : headers)
                    .putHeader("Access-Control-Max-Age", "600");
        } else {
            response.putHeader("Access-Control-Expose-Headers", "*");
        }
    }
}
