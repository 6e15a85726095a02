package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import mews.dispatch.Dispatcher.Slot;
import mews.dispatch.RunnerClient;
import mews.model.ErrorType;
import mews.model.Route;
import org.jspecify.annotations.Nullable;

/// One call on its way to a runner and back: waits for a slot, streams both ways, and ends the
/// slot's hold exactly once. Lives on the event loop of its caller, so it needs no lock.
final class SyncCall {
    /// What one call is.
    ///
    /// @param uri path and query as the app gets them
    /// @param headers what the app gets
    record Facts(
            UUID id, Route route, String uri, Map<String, String> headers, CallOptions options) {}

    /// INTERNAL_ERROR of HTTP/2: with the default, "not an error", half an answer may pass for one.
    private static final long NOT_WHOLE = 2;

    private final Vertx vertx;
    private final HttpServerRequest request;
    private final Facts facts;
    private final RunnerClient client;
    private final CallHistory history;
    private @Nullable Slot slot;
    private @Nullable HttpClientRequest upstream;
    private long timer = -1;
    private boolean ended;

    SyncCall(
            Vertx vertx,
            HttpServerRequest request,
            Facts facts,
            RunnerClient client,
            CallHistory history) {
        this.vertx = vertx;
        this.request = request;
        this.facts = facts;
        this.client = client;
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
        if (!ended) {
            ended = true;
            Answers.notAdmitted(request, facts, cause, history);
        }
    }

    void admitted(Slot given) {
        if (ended) {
            given.close();
            return;
        }
        slot = given;
        history.admitted(given.runner().id());
        Duration longest = facts.route().alias().requestTimeout();
        if (!longest.isZero()) {
            timer = vertx.setTimer(longest.toMillis(), fired -> timedOut(longest));
        }
        client.open(RunnerClient.to(given.socketPath(), request.method(), facts.uri()))
                .onSuccess(opened -> send(opened, given))
                .onFailure(cause -> failed(RunnerClient.connectFailure(cause), false));
    }

    private void send(HttpClientRequest opened, Slot given) {
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
                .onSuccess(from -> answer(from, given))
                .onFailure(cause ->
                        failed(RunnerClient.answerFailure(cause), RunnerClient.malformed(cause)));
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
        // A caller who breaks off must not look to the app like one who has said everything.
        request.pipe().endOnFailure(false).to(opened);
    }

    /// Without a length an HTTP/1.1 request has a body only if it is chunked; on HTTP/2 only its
    /// end tells.
    private boolean mayHaveBody() {
        return request.version() == HttpVersion.HTTP_2
                ? !request.isEnded() && request.method() != HttpMethod.GET
                : request.getHeader("transfer-encoding") != null;
    }

    private void answer(HttpClientResponse from, Slot held) {
        if (ended) {
            return;
        }
        held.answered(from.statusCode(), from::getHeader);
        history.firstByte();
        HttpServerResponse response = request.response();
        CallHeaders.answer(from, facts.id(), held.runner().id(), response);
        if (hasNoBody(from)) {
            from.end().onComplete(done -> finish(from, response));
            from.resume();
            return;
        }
        if (!response.headers().contains("content-length")) {
            frame(response);
            held.mayStayOpen(vertx.getOrCreateContext(), () -> runnerLeaves(response));
        }
        stream(from, response);
    }

    /// No `pipe`: it does not tell whether the runner broke off, which costs it its place, or the
    /// caller, of which the response's own handlers hear.
    private void stream(HttpClientResponse from, HttpServerResponse response) {
        from.exceptionHandler(broken -> breakOff(response));
        from.endHandler(end -> finish(from, response));
        response.drainHandler(drained -> from.resume());
        from.handler(chunk -> {
            if (!ended) {
                response.write(chunk);
                if (response.writeQueueFull()) {
                    from.pause();
                }
            }
        });
    }

    private boolean hasNoBody(HttpClientResponse from) {
        int status = from.statusCode();
        return request.method() == HttpMethod.HEAD || status == 204 || status == 304;
    }

    /// How the end of a body of unknown length is told.
    private void frame(HttpServerResponse response) {
        switch (request.version()) {
            case HTTP_1_0 -> response.putHeader("connection", "close");
            case HTTP_1_1 -> response.setChunked(true);
            case HTTP_2 -> {}
        }
    }

    private void finish(HttpClientResponse from, HttpServerResponse response) {
        if (ended) {
            return;
        }
        // The slot is free when the app is done; the caller may take its time.
        end(true, from.statusCode(), null);
        if (response.isChunked() || request.version() == HttpVersion.HTTP_2) {
            from.trailers().forEach((name, value) -> response.putTrailer(name, value));
        }
        response.end();
    }

    /// The head is out, so the break is all that can still be told.
    private void breakOff(HttpServerResponse response) {
        if (ended) {
            return;
        }
        end(false, 502, ErrorType.RUNNER_INCOMPLETE_RESPONSE);
        response.reset(NOT_WHOLE);
    }

    /// Its runner waits for streams no longer.
    private void runnerLeaves(HttpServerResponse response) {
        if (ended) {
            return;
        }
        end(true, ErrorType.RUNNER_DISCONNECTED.status(), ErrorType.RUNNER_DISCONNECTED);
        resetUpstream();
        response.reset(NOT_WHOLE);
    }

    private void timedOut(Duration longest) {
        if (ended) {
            return;
        }
        String detail =
                ("the app did not finish within its request_timeout of %d s; raise it, or let the"
                                + " app answer sooner")
                        .formatted(longest.toSeconds());
        HttpServerResponse response = request.response();
        boolean begun = response.headWritten();
        end(false, ErrorType.REQUEST_TIMEOUT.status(), ErrorType.REQUEST_TIMEOUT);
        resetUpstream();
        if (begun) {
            response.reset(NOT_WHOLE);
        } else {
            Answers.problem(request, facts.id(), ErrorType.REQUEST_TIMEOUT, detail);
        }
    }

    /// @param healthy whether the runner may stay
    private void failed(ErrorType type, boolean healthy) {
        if (!ended) {
            end(healthy, type.status(), type);
            Answers.problem(request, facts.id(), type, RunnerClient.describe(type));
        }
    }

    private void callerGone(Runnable hangUp) {
        if (ended) {
            return;
        }
        Slot held = slot;
        if (held == null) {
            ended = true;
            ErrorType gone = ErrorType.CLIENT_DISCONNECTED;
            history.ended(gone.status(), gone);
            hangUp.run();
            return;
        }
        held.cancel(facts.uri());
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
            history.ended(status, error);
            held.close(healthy);
        }
    }
}
