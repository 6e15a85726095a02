package mews.dispatch;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import mews.model.ErrorType;

/// HTTP to runners over their Unix sockets, and what a failure of it is called. Thread-safe.
public final class RunnerClient {
    /// All headers of a response together. protocol: data 4
    private static final int MOST_HEADER_BYTES = 16 * 1024;

    private static final int CONNECT_MILLIS = 5000;

    /// Shorter than what servers keep an idle connection, so that none dies under a request.
    private static final int KEEP_ALIVE_SECONDS = 1;

    private static final int CLEANER_MILLIS = 250;

    /// Slots bound the connections, not the pool.
    private static final int MOST_CONNECTIONS = 100_000;

    private static final Duration LONGEST_LAST_ANSWER = Duration.ofHours(1);

    private final HttpClient client;

    public RunnerClient(Vertx vertx) {
        HttpClientOptions options =
                new HttpClientOptions()
                        .setMaxHeaderSize(MOST_HEADER_BYTES)
                        .setMaxInitialLineLength(MOST_HEADER_BYTES)
                        .setDecompressionSupported(false)
                        .setConnectTimeout(CONNECT_MILLIS)
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS);
        PoolOptions pool =
                new PoolOptions()
                        .setHttp1MaxSize(MOST_CONNECTIONS)
                        .setCleanerPeriod(CLEANER_MILLIS)
                        .setMaxWaitQueueSize(-1);
        client = vertx.createHttpClient(options, pool);
    }

    /// A request that is not sent yet.
    ///
    /// @return fails as `connectFailure` tells
    public Future<HttpClientRequest> open(RequestOptions options) {
        return client.request(options)
                // It waited in the pool and was closed before anything was said on it.
                .recover(closed ->
                        closed instanceof HttpClosedException
                                ? client.request(options)
                                : Future.failedFuture(closed))
                .onSuccess(opened -> opened.response().onSuccess(RunnerClient::leave));
    }

    /// uvicorn answers an app's uncaught exception with 500 and closes the connection after it
    /// without a word; whoever came next on it would be cut off, and its runner blamed.
    private static void leave(HttpClientResponse answer) {
        if (answer.statusCode() == 500) {
            answer.request()
                    .connection()
                    .shutdown(LONGEST_LAST_ANSWER.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /// @param uri path and query
    public static RequestOptions to(String socketPath, HttpMethod method, String uri) {
        return new RequestOptions()
                .setServer(SocketAddress.domainSocketAddress(socketPath))
                .setHost("localhost")
                .setPort(80)
                .setMethod(method)
                .setURI(uri);
    }

    /// @param failure of connecting
    public static ErrorType connectFailure(Throwable failure) {
        return switch (failure) {
            case ConnectTimeoutException e -> ErrorType.RUNNER_CONNECTION_TIMEOUT;
            case TimeoutException e -> ErrorType.RUNNER_CONNECTION_TIMEOUT;
            case ConnectException e -> ErrorType.RUNNER_CONNECTION_REFUSED;
            case FileNotFoundException e -> ErrorType.RUNNER_CONNECTION_REFUSED;
            default -> ErrorType.RUNNER_CONNECTION_ERROR;
        };
    }

    /// @param failure of waiting for an answer
    public static ErrorType answerFailure(Throwable failure) {
        return malformed(failure)
                ? ErrorType.RUNNER_INCOMPLETE_RESPONSE
                : ErrorType.RUNNER_DISCONNECTED;
    }

    /// Whether an answer came that cannot be understood, such as one with too many headers; its
    /// runner is not to blame.
    public static boolean malformed(Throwable failure) {
        return failure instanceof DecoderException;
    }

    /// For people; what a caller may know of it.
    public static String describe(ErrorType type) {
        return switch (type) {
            case RUNNER_CONNECTION_TIMEOUT -> "the runner did not accept the connection in time";
            case RUNNER_CONNECTION_REFUSED -> "the runner refused the connection";
            case RUNNER_CONNECTION_ERROR -> "the connection to the runner failed";
            case RUNNER_DISCONNECTED -> "the runner closed the connection before it answered";
            case RUNNER_INCOMPLETE_RESPONSE -> "the runner's answer broke off or was malformed";
            case REQUEST_TIMEOUT -> "the request took longer than request_timeout allows";
            default -> "the request failed on its runner";
        };
    }
}
