package mews.cli;

import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.okhttp.OkHttpServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A gRPC server on loopback with a given service.
final class FakeControl implements AutoCloseable {
    private final Server server;
    final List<Metadata> headers = new CopyOnWriteArrayList<>();

    FakeControl(BindableService service) throws IOException {
        ServerInterceptor remembering =
                new ServerInterceptor() {
                    @Override
                    public <Q, S> ServerCall.Listener<Q> interceptCall(
                            ServerCall<Q, S> call,
                            Metadata metadata,
                            ServerCallHandler<Q, S> next) {
                        headers.add(metadata);
                        return next.startCall(call, metadata);
                    }
                };
        server =
                OkHttpServerBuilder.forPort(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                InsecureServerCredentials.create())
                        .intercept(remembering)
                        .addService(service)
                        .build()
                        .start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
