package mews.gateway;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetSocket;
import mews.dispatch.Dispatcher.Slot;
import mews.dispatch.RunnerClient;
import mews.model.ErrorType;

/// A websocket on its way to a runner: the handshake is passed on, then bytes both ways, unchanged.
/// One open socket is one request in flight. Lives on the event loop of its caller.
final class SocketCall {
    private final Vertx vertx;
    private final HttpServerRequest request;
    private final SyncCall.Facts facts;
    private final RunnerClient client;
    private final CallHistory history;
    private boolean gone;

    SocketCall(
            Vertx vertx,
            HttpServerRequest request,
            SyncCall.Facts facts,
            RunnerClient client,
            CallHistory history) {
        this.vertx = vertx;
        this.request = request;
        this.facts = facts;
        this.client = client;
        this.history = history;
    }

    static boolean isUpgrade(HttpServerRequest request) {
        String upgrade = request.getHeader("upgrade");
        return upgrade != null && upgrade.equalsIgnoreCase("websocket");
    }

    /// @param hangUp called when the caller goes while it waits for a slot
    void listenForHangUp(Runnable hangUp) {
        request.exceptionHandler(broken -> callerGone(hangUp));
        request.response().exceptionHandler(broken -> callerGone(hangUp));
        request.response().closeHandler(closed -> callerGone(hangUp));
    }

    private void callerGone(Runnable hangUp) {
        if (!gone) {
            gone = true;
            hangUp.run();
        }
    }

    void notAdmitted(Throwable cause) {
        if (!gone) {
            Answers.notAdmitted(request, facts, cause, history);
        }
    }

    void admitted(Slot slot) {
        if (gone) {
            slot.close();
            return;
        }
        history.admitted(slot.runner().id());
        history.open();
        client.open(RunnerClient.to(slot.socketPath(), request.method(), facts.uri()))
                .onFailure(cause -> failed(slot, RunnerClient.connectFailure(cause)))
                .onSuccess(opened ->
                        shakeHands(opened)
                                .onFailure(cause -> failed(slot, RunnerClient.answerFailure(cause)))
                                .onSuccess(response -> joinOrRefuse(response, slot)));
    }

    private Future<HttpClientResponse> shakeHands(HttpClientRequest upstream) {
        if (request.authority() != null) {
            upstream.authority(request.authority());
        }
        facts.headers().forEach(upstream::putHeader);
        // Whoever holds the socket hears of its end.
        upstream.exceptionHandler(closed -> {});
        upstream.putHeader("connection", "Upgrade").putHeader("upgrade", "websocket");
        return upstream.connect();
    }

    private void joinOrRefuse(HttpClientResponse from, Slot slot) {
        if (from.statusCode() != 101) {
            refuse(from, slot);
            return;
        }
        HttpServerResponse response = request.response();
        from.headers()
                .forEach((name, value) -> {
                    if (!name.equalsIgnoreCase("content-length")) {
                        response.putHeader(name, value);
                    }
                });
        response.putHeader(CallHeaders.REQUEST_ID, facts.id().toString());
        response.putHeader(CallHeaders.SERVED_FROM, slot.runner().id().toString());
        NetSocket app = from.netSocket();
        app.pause();
        request.toNetSocket()
                .onSuccess(caller -> join(caller, app, slot))
                .onFailure(cause -> {
                    app.close();
                    end(slot, ErrorType.CLIENT_DISCONNECTED.status());
                });
    }

    private void join(NetSocket caller, NetSocket app, Slot slot) {
        Future<Void> there = caller.pipeTo(app);
        SocketAnswer answer = new SocketAnswer(vertx, app, caller);
        Future<Void> back = answer.pass();
        slot.mayStayOpen(vertx.getOrCreateContext(), answer::goAway);
        there.onComplete(done -> app.close());
        back.onComplete(done -> caller.close());
        Future.join(there, back).onComplete(done -> end(slot, 101));
    }

    /// The app answered the handshake with an ordinary response.
    private void refuse(HttpClientResponse from, Slot slot) {
        slot.answered(from.statusCode(), from::getHeader);
        HttpServerResponse response = request.response();
        from.body()
                .onFailure(cause -> failed(slot, ErrorType.RUNNER_INCOMPLETE_RESPONSE))
                .onSuccess(body -> {
                    CallHeaders.answer(from, facts.id(), slot.runner().id(), response);
                    response.end(body);
                    end(slot, from.statusCode());
                });
    }

    private void failed(Slot slot, ErrorType error) {
        history.ended(error.status(), error);
        slot.close(false);
        if (!gone) {
            Answers.problem(request, facts.id(), error, RunnerClient.describe(error));
        }
    }

    private void end(Slot slot, int status) {
        history.ended(status, null);
        slot.close();
    }
}
