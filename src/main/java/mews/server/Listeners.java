package mews.server;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import mews.fleet.DoorKeeper;
import org.jspecify.annotations.Nullable;

/// Listens: on each address for callers and owners, and on a Unix socket for each runner.
final class Listeners implements DoorKeeper {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    static final int LARGEST_HEADERS = 64 * 1024;
    static final int LONGEST_LINE = 16 * 1024;

    /// Of one HTTP/2 connection.
    private static final int STREAMS = 1000;

    /// Longer than any request may take without a byte either way: a caller waits in silence.
    private static final Duration SILENCE = Duration.ofHours(24);

    private final Vertx vertx;
    private final int loops;
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();
    private volatile @Nullable FrontDoor door;

    /// @param loops event loops that share the work of each address
    Listeners(Vertx vertx, int loops) {
        this.vertx = vertx;
        this.loops = loops;
    }

    /// Listens on all addresses from now on.
    void open(Authorities authorities, FrontDoor front) throws IOException, InterruptedException {
        door = front;
        for (InetSocketAddress address : authorities.listen()) {
            await(
                    vertx.deployVerticle(
                            () -> new Listener(address, front),
                            new DeploymentOptions().setInstances(loops)));
        }
    }

    /// Takes no new connections; requests under way may end until then.
    void drain(Duration deadline) throws InterruptedException {
        List<Future<Void>> ends =
                servers.stream()
                        .map(server -> server.shutdown(deadline.toMillis(), TimeUnit.MILLISECONDS))
                        .toList();
        try {
            Future.join(ends)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(deadline.plus(PATIENCE).toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // What has not ended by now is cut off with the process.
        }
    }

    /// The way from inside a runner to this server.
    @Override
    public AutoCloseable open(Path socket, String account) throws IOException {
        HttpServer server =
                vertx.createHttpServer(options())
                        .requestHandler(request -> {
                            FrontDoor front = door;
                            if (front == null) {
                                request.response().setStatusCode(503).end();
                            } else {
                                front.handleFromRunner(request);
                            }
                        })
                        .invalidRequestHandler(new UnreadHead(vertx)::answer);
        try {
            await(server.listen(SocketAddress.domainSocketAddress(socket.toString())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while opening " + socket, e);
        }
        // The runner has a user of its own; the folder around the socket decides who may enter.
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        return () -> await(server.close());
    }

    static HttpServerOptions options() {
        return new HttpServerOptions()
                .setMaxHeaderSize(LARGEST_HEADERS)
                .setInitialSettings(
                        new Http2Settings()
                                .setMaxHeaderListSize(LARGEST_HEADERS)
                                .setMaxConcurrentStreams(STREAMS))
                .setMaxInitialLineLength(LONGEST_LINE)
                .setIdleTimeout((int) SILENCE.toSeconds())
                .setTcpKeepAlive(true)
                .setTcpNoDelay(true)
                .setReuseAddress(true);
    }

    private static <T> T await(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + PATIENCE.toSeconds() + " s", e);
        }
    }

    /// One event loop's share of one address.
    private final class Listener extends VerticleBase {
        private final InetSocketAddress address;
        private final FrontDoor front;

        Listener(InetSocketAddress address, FrontDoor front) {
            this.address = address;
            this.front = front;
        }

        @Override
        public Future<?> start() {
            HttpServer server =
                    vertx.createHttpServer(
                                    options()
                                            .setHost(address.getAddress().getHostAddress())
                                            .setPort(address.getPort()))
                            .requestHandler(front::handle)
                            .invalidRequestHandler(new UnreadHead(vertx)::answer);
            servers.add(server);
            return server.listen();
        }
    }
}
