package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// The way to the runners' sockets, and the signal that a caller has gone.
final class Runners {
    private static final int CONNECT_MILLIS = 5_000;

    /// protocol: data 8
    private static final Duration CANCEL_PATIENCE = Duration.ofSeconds(5);

    private static final int NO_SUCH_ROUTE = 404;

    private final HttpClient client;

    /// Revisions and paths that have no cancel route; forgotten with the process.
    private final Set<String> withoutCancel = ConcurrentHashMap.newKeySet();

    Runners(Vertx vertx) {
        this.client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setConnectTimeout(CONNECT_MILLIS)
                                .setKeepAliveTimeout(60)
                                .setMaxHeaderSize(64 * 1024)
                                .setDecompressionSupported(false),
                        new PoolOptions().setHttp1MaxSize(1024).setMaxWaitQueueSize(-1));
    }

    HttpClient client() {
        return client;
    }

    /// @param socketPath of the runner
    /// @param uri as the app is to see it
    RequestOptions options(String socketPath, HttpMethod method, String uri) {
        return new RequestOptions()
                .setServer(SocketAddress.domainSocketAddress(socketPath))
                .setHost("runner")
                .setPort(80)
                .setMethod(method)
                .setURI(uri);
    }

    /// Tells the app that nobody waits for this request any more. Whether it listens is its own
    /// business.
    void cancel(UUID revision, String socketPath, String path, Map<String, String> headers) {
        String target = path.equals("/") ? "/cancel" : path + "/cancel";
        String known = revision + target;
        if (withoutCancel.contains(known)) {
            return;
        }
        RequestOptions options = options(socketPath, HttpMethod.POST, target);
        options.setTimeout(CANCEL_PATIENCE.toMillis());
        headers.forEach((name, value) -> {
            if (name.startsWith("x-fal-")) {
                options.putHeader(name, value);
            }
        });
        client.request(options)
                .compose(request -> request.send())
                .onSuccess(response -> {
                    if (response.statusCode() == NO_SUCH_ROUTE) {
                        withoutCancel.add(known);
                    }
                });
    }
}
