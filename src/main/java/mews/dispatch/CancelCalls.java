package mews.dispatch;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells apps that a caller went away: a call to the request's path plus `/cancel` on the same
/// runner. Errors do not matter; an app without such a route is not asked again. protocol: data 8
final class CancelCalls {
    private static final Logger LOG = LoggerFactory.getLogger(CancelCalls.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MOST_REMEMBERED = 10_000;

    private record Route(UUID revision, String path) {}

    private final RunnerClient client;
    private final Set<Route> missing = ConcurrentHashMap.newKeySet();

    CancelCalls(RunnerClient client) {
        this.client = client;
    }

    void call(RunnerSlot slot, String requestPath) {
        String path = cancelPath(requestPath);
        Route route = new Route(slot.runner().revision(), path);
        if (missing.contains(route)) {
            return;
        }
        RequestOptions options =
                RunnerClient.to(slot.socketPath(), HttpMethod.POST, path)
                        .setTimeout(PATIENCE.toMillis())
                        .putHeader(AppHeaders.REQUEST_ID, slot.request().toString());
        client.open(options)
                .compose(request -> request.send())
                .onSuccess(response -> {
                    if (response.statusCode() == 404 && missing.size() < MOST_REMEMBERED) {
                        missing.add(route);
                    }
                    LOG.debug(
                            "cancel told request_id={} status={}",
                            slot.request(),
                            response.statusCode());
                })
                .onFailure(failure ->
                        LOG.debug(
                                "cancel not told request_id={} cause={}",
                                slot.request(),
                                failure.getMessage()));
    }

    /// `/predict?x=1` → `/predict/cancel`, `/` → `/cancel`
    static String cancelPath(String requestPath) {
        int query = requestPath.indexOf('?');
        String path = query < 0 ? requestPath : requestPath.substring(0, query);
        return (path.endsWith("/") ? path.substring(0, path.length() - 1) : path) + "/cancel";
    }
}
