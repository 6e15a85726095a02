package mews.gateway;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetSocket;
import mews.dispatch.Dispatcher.Slot;
import mews.model.ErrorType;

/// A websocket on its way to a runner: the handshake is passed on, then bytes both ways, unchanged.
/// One open socket is one request in flight.
final class SocketCall {
    private final HttpServerRequest request;
    private final SyncCall.Facts facts;
    private final Runners runners;
    private final CallHistory history;

    SocketCall(
            HttpServerRequest request, SyncCall.Facts facts, Runners runners, CallHistory history) {
        this.request = request;
        this.facts = facts;
        this.runners = runners;
        this.history = history;
    }

    static boolean isUpgrade(HttpServerRequest request) {
        String upgrade = request.getHeader("upgrade");
        return upgrade != null && upgrade.equalsIgnoreCase("websocket");
    }

    void admitted(Slot slot) {
        history.admitted(facts, slot.runner().id());
        String uri = request.query() == null ? facts.path() : facts.path() + "?" + request.query();
        runners.client()
                .request(runners.options(slot.socketPath(), request.method(), uri))
                .compose(this::shakeHands)
                .onSuccess(response -> joinOrRefuse(response, slot))
                .onFailure(cause -> {
                    end(slot, false, ErrorType.RUNNER_CONNECTION_ERROR);
                    Answers.problem(
                            request,
                            facts.id(),
                            ErrorType.RUNNER_CONNECTION_ERROR,
                            "the runner did not take the websocket");
                });
    }

    private Future<HttpClientResponse> shakeHands(HttpClientRequest upstream) {
        if (request.authority() != null) {
            upstream.authority(request.authority());
        }
        facts.headers().forEach(upstream::putHeader);
        upstream.putHeader("connection", "Upgrade").putHeader("upgrade", "websocket");
        return upstream.connect();
    }

    private void joinOrRefuse(HttpClientResponse from, Slot slot) {
        if (from.statusCode() != 101) {
            refuse(from, slot);
            return;
        }
        from.headers()
                .forEach((name, value) -> {
                    if (!name.equalsIgnoreCase("content-length")) {
                        request.response().putHeader(name, value);
                    }
                });
        request.response().putHeader(CallHeaders.REQUEST_ID, facts.id().toString());
        NetSocket app = from.netSocket();
        app.pause();
        request.toNetSocket()
                .onSuccess(caller -> join(caller, app, slot))
                .onFailure(cause -> {
                    app.close();
                    end(slot, true, ErrorType.CLIENT_DISCONNECTED);
                });
    }

    private void join(NetSocket caller, NetSocket app, Slot slot) {
        Future<Void> there = caller.pipeTo(app);
        Future<Void> back = app.pipeTo(caller);
        there.onComplete(done -> app.close());
        back.onComplete(done -> caller.close());
        Future.join(there, back)
                .onComplete(done -> {
                    history.ended(facts, slot.runner().id(), 101, null);
                    slot.close();
                });
    }

    /// The app answered the handshake with an ordinary response.
    private void refuse(HttpClientResponse from, Slot slot) {
        var response = request.response();
        response.setStatusCode(from.statusCode());
        CallHeaders.toCaller(from.headers(), response.headers());
        response.putHeader(CallHeaders.REQUEST_ID, facts.id().toString());
        from.body()
                .onComplete(body -> {
                    response.headers().remove("content-length");
                    response.end(
                            body.succeeded()
                                    ? body.result()
                                    : io.vertx.core.buffer.Buffer.buffer());
                    history.ended(facts, slot.runner().id(), from.statusCode(), null);
                    slot.close();
                });
    }

    private void end(Slot slot, boolean healthy, ErrorType error) {
        history.ended(facts, slot.runner().id(), error.status(), error);
        slot.close(healthy);
    }
}
