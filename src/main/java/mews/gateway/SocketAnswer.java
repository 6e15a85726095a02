package mews.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/// What an app says on a websocket, on its way to the caller: unchanged, until the runner is to go.
/// Then the caller is told so between two frames, and its answer reaches the app. Lives on the
/// event loop of the caller. protocol: platform 6
final class SocketAnswer {
    /// A frame that closes, with status 1001, "going away".
    private static final Buffer GOING_AWAY =
            Buffer.buffer(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe9});

    /// How long both sides have to take leave.
    private static final long LEAVE_MILLIS = 2_000;

    private final Vertx vertx;
    private final NetSocket app;
    private final NetSocket caller;
    private final FrameEdge edge = new FrameEdge();
    private final Promise<Void> ended = Promise.promise();
    private boolean leaving;
    private boolean told;

    SocketAnswer(Vertx vertx, NetSocket app, NetSocket caller) {
        this.vertx = vertx;
        this.app = app;
        this.caller = caller;
    }

    /// @return completes once the app has nothing more to say
    Future<Void> pass() {
        app.handler(this::said);
        app.endHandler(done -> ended.tryComplete());
        app.closeHandler(done -> ended.tryComplete());
        app.resume();
        return ended.future();
    }

    /// Tells the caller that its runner goes, and ends both connections soon.
    void goAway() {
        if (!leaving) {
            leaving = true;
            if (edge.between()) {
                tell();
            }
            vertx.setTimer(
                    LEAVE_MILLIS,
                    late -> {
                        app.close();
                        caller.close();
                    });
        }
    }

    private void said(Buffer bytes) {
        if (told) {
            return;
        }
        int passed = edge.pass(bytes, leaving);
        write(passed == bytes.length() ? bytes : bytes.slice(0, passed));
        if (leaving && edge.between()) {
            tell();
        }
    }

    private void tell() {
        told = true;
        write(GOING_AWAY);
    }

    private void write(Buffer bytes) {
        caller.write(bytes);
        if (caller.writeQueueFull()) {
            app.pause();
            caller.drainHandler(done -> app.resume());
        }
    }
}
