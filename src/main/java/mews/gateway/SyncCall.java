package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import mews.dispatch.Dispatcher;
import mews.dispatch.Dispatcher.Slot;
import mews.model.ErrorType;
import mews.model.Route;
import org.jspecify.annotations.Nullable;

/// One call on its way to a runner and back: waits for a slot, streams both ways, and ends the
/// slot's hold exactly once. Lives on the event loop of its caller, so it needs no lock.
final class SyncCall {
    /// What one call is.
    ///
    /// @param path what the app gets, without a query
    /// @param headers what the app gets
    record Facts(
            UUID id, Route route, String path, Map<String, String> headers, CallOptions options) {}

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Facts facts;
    private final Runners runners;
    private final CallHistory history;
    private @Nullable Slot slot;
    private @Nullable HttpClientRequest upstream;
    private long timer = -1;
    private boolean ended;

    SyncCall(
            Vertx vertx,
            HttpServerRequest request,
            Facts facts,
            Runners runners,
            CallHistory history) {
        this.vertx = vertx;
        this.request = request;
        this.facts = facts;
        this.runners = runners;
        this.history = history;
    }

    /// @param hangUp called when the caller goes while the call still waits for a slot
    void listenForHangUp(Runnable hangUp) {
        HttpServerResponse response = request.response();
        request.exceptionHandler(broken -> callerGone(hangUp));
        response.exceptionHandler(broken -> callerGone(hangUp));
        response.closeHandler(closed -> callerGone(hangUp));
    }

    void notAdmitted(Throwable cause) {
        if (ended) {
            return;
        }
        ended = true;
        ErrorType type =
                cause instanceof Dispatcher.NotAdmitted refused
                        ? refused.type()
                        : ErrorType.INTERNAL_ERROR;
        String detail =
                cause.getMessage() == null
                        ? "no runner could take the request"
                        : cause.getMessage();
        history.ended(facts, null, type.status(), type);
        if (type == ErrorType.STARTUP_TIMEOUT && facts.options().startTimeout() != null) {
            Answers.startTimeout(request, facts.id(), detail);
        } else {
            Answers.problem(request, facts.id(), type, detail);
        }
    }

    void admitted(Slot given) {
        if (ended) {
            given.close();
            return;
        }
        slot = given;
        history.admitted(facts, given.runner().id());
        Duration longest = facts.route().alias().requestTimeout();
        if (!longest.isZero()) {
            timer = vertx.setTimer(longest.toMillis(), fired -> timedOut(longest));
        }
        String uri = request.query() == null ? facts.path() : facts.path() + "?" + request.query();
        runners.client()
                .request(runners.options(given.socketPath(), request.method(), uri))
                .onSuccess(this::send)
                .onFailure(cause -> failed(connectError(cause), "the runner cannot be reached"));
    }

    private void send(HttpClientRequest opened) {
        if (ended) {
            opened.reset();
            return;
        }
        upstream = opened;
        if (request.authority() != null) {
            opened.authority(request.authority());
        }
        facts.headers().forEach(opened::putHeader);
        opened.response()
                .onSuccess(this::answer)
                .onFailure(cause ->
                        failed(
                                ErrorType.RUNNER_DISCONNECTED,
                                "the runner went away before it answered"));
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
        String length = request.getHeader("content-length");
        if (length != null) {
            opened.putHeader("content-length", length);
        } else if (mayHaveBody()) {
            opened.setChunked(true);
        } else {
            opened.end();
            request.resume();
            return;
        }
        request.pipeTo(opened);
    }

    /// Without a length an HTTP/1.1 request has a body only if it is chunked; on HTTP/2 only its
    /// end tells.
    private boolean mayHaveBody() {
        return request.version() == HttpVersion.HTTP_2
                ? !request.isEnded() && !request.method().name().equals("GET")
                : request.getHeader("transfer-encoding") != null;
    }

    private void answer(HttpClientResponse from) {
        if (ended) {
            return;
        }
        HttpServerResponse response = request.response();
        response.setStatusCode(from.statusCode());
        CallHeaders.toCaller(from.headers(), response.headers());
        response.putHeader(CallHeaders.REQUEST_ID, facts.id().toString());
        Slot held = slot;
        if (held != null) {
            response.putHeader("x-fal-served-from", held.runner().id().toString());
        }
        CallHeaders.allowOrigins(response.headers());
        if (!response.headers().contains("content-length")
                && request.version() != HttpVersion.HTTP_2) {
            response.setChunked(true);
        }
        history.firstByte(facts);
        String stop = from.getHeader("x-fal-stop-runner");
        boolean healthy =
                stop == null ? from.statusCode() != 503 : stop.equals("0") || stop.equals("false");
        from.pipe()
                .endOnFailure(false)
                .to(response)
                .onSuccess(done -> end(healthy, from.statusCode(), null))
                .onFailure(cause -> {
                    end(false, 502, ErrorType.RUNNER_INCOMPLETE_RESPONSE);
                    response.reset();
                });
    }

    private void timedOut(Duration longest) {
        if (ended) {
            return;
        }
        String detail =
                "the app did not finish within its request_timeout of %d s; raise it, or let the app answer sooner"
                        .formatted(longest.toSeconds());
        HttpServerResponse response = request.response();
        boolean begun = response.headWritten();
        end(false, ErrorType.REQUEST_TIMEOUT.status(), ErrorType.REQUEST_TIMEOUT);
        resetUpstream();
        if (begun) {
            response.reset();
        } else {
            Answers.problem(request, facts.id(), ErrorType.REQUEST_TIMEOUT, detail);
        }
    }

    private void failed(ErrorType type, String detail) {
        if (ended) {
            return;
        }
        end(false, type.status(), type);
        Answers.problem(request, facts.id(), type, detail);
    }

    private void callerGone(Runnable hangUp) {
        if (ended) {
            return;
        }
        Slot held = slot;
        if (held == null) {
            ended = true;
            history.ended(
                    facts,
                    null,
                    ErrorType.CLIENT_DISCONNECTED.status(),
                    ErrorType.CLIENT_DISCONNECTED);
            hangUp.run();
            return;
        }
        UUID revision = facts.route().revision().id();
        runners.cancel(revision, held.socketPath(), facts.path(), facts.headers());
        end(true, ErrorType.CLIENT_DISCONNECTED.status(), ErrorType.CLIENT_DISCONNECTED);
        resetUpstream();
    }

    /// Only once the call has ended: a reset fails the exchange with the runner, which is no fault
    /// of the runner then.
    private void resetUpstream() {
        HttpClientRequest open = upstream;
        if (open != null) {
            open.reset();
        }
    }

    private void end(boolean healthy, int status, @Nullable ErrorType error) {
        if (ended) {
            return;
        }
        ended = true;
        if (timer >= 0) {
            vertx.cancelTimer(timer);
        }
        Slot held = slot;
        if (held != null) {
            history.ended(facts, held.runner().id(), status, error);
            held.close(healthy);
        }
    }

    private static ErrorType connectError(Throwable cause) {
        if (cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).contains("refused")) {
            return ErrorType.RUNNER_CONNECTION_REFUSED;
        }
        return cause instanceof TimeoutException
                ? ErrorType.RUNNER_CONNECTION_TIMEOUT
                : ErrorType.RUNNER_CONNECTION_ERROR;
    }
}
