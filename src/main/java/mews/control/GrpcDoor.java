package mews.control;

import io.grpc.Context;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.protobuf.services.HealthStatusManager;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServerOptions;
import io.vertx.grpcio.server.GrpcIoServer;
import io.vertx.grpcio.server.GrpcIoServiceBridge;
import java.util.function.Function;
import mews.model.Addresses;

/// The gRPC server over Vert.x.
final class GrpcDoor implements Handler<HttpServerRequest> {
    /// Pickles and their results; clients allow up to 2 GiB. protocol: control 1.4
    private static final long LARGEST_MESSAGE = 512L * 1024 * 1024;

    private final Function<HttpServerRequest, Addresses> addresses;
    private final GrpcIoServer server;

    /// @param addresses as a caller reaches them
    GrpcDoor(
            Vertx vertx,
            Controller controller,
            Gate gate,
            Function<HttpServerRequest, Addresses> addresses) {
        this.addresses = addresses;
        GrpcServerOptions options =
                new GrpcServerOptions()
                        .setMaxMessageSize(LARGEST_MESSAGE)
                        .removeEnabledProtocol(GrpcProtocol.TRANSCODING)
                        .removeEnabledProtocol(GrpcProtocol.WEB)
                        .removeEnabledProtocol(GrpcProtocol.WEB_TEXT);
        this.server = GrpcIoServer.server(vertx, options);
        ServerServiceDefinition service = ServerInterceptors.intercept(controller, gate);
        GrpcIoServiceBridge.bridge(Readable.only(service)).bind(server);
        GrpcIoServiceBridge.bridge(new HealthStatusManager().getHealthService()).bind(server);
    }

    @Override
    public void handle(HttpServerRequest request) {
        Hangup hangup = new Hangup();
        // The bridge tells of resets only; a connection that breaks is told here.
        request.response().closeHandler(ignored -> hangup.happened());
        Context.current()
                .withValue(Calls.HANGUP, hangup)
                .withValue(Calls.ADDRESSES, addresses.apply(request))
                .withValue(Calls.FROM, Exchange.from(request))
                .run(() -> server.handle(request));
    }
}
