package mews.server;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.Set;
import java.util.regex.Pattern;
import mews.base.Json;
import mews.model.Family;
import org.jspecify.annotations.Nullable;

/// Sends each request to the door it is for: by the address it came to, by a prefix where only one
/// address exists, and on the control address by content type and by first segments that no account
/// may have. protocol: choices 1
final class FrontDoor {
    /// What is reached behind the doors.
    ///
    /// @param calls what callers use
    record Doors(
            Handler<HttpServerRequest> grpc,
            Handler<HttpServerRequest> rest,
            Calls calls,
            Handler<HttpServerRequest> presence) {}

    /// @see mews.gateway.Gateway
    interface Calls {
        void handle(HttpServerRequest request, Family family, String path);
    }

    /// A request and where it is to go: which family, and its path there.
    private record Way(Family family, String path) {}

    private static final String PRESENCE = "/v1/mews/presence";
    private static final String HEALTH = "/health";
    private static final String FILES = "storage";

    private static final Set<String> REST =
            Set.of(
                    "users",
                    "applications",
                    "runners",
                    "logs",
                    "files",
                    FILES,
                    "tokens",
                    "workflows",
                    "comfy",
                    "metrics",
                    "health",
                    "v1",
                    ".well-known");

    /// What of it code inside runners needs: files, and tokens that it hands to browsers.
    private static final Set<String> OF_RUNNERS = Set.of(FILES, "tokens");

    private static final Pattern WORKFLOW = Pattern.compile("/workflows/[^/]+/[^/]+(/.*)?");

    private final Authorities authorities;
    private final Doors doors;

    FrontDoor(Authorities authorities, Doors doors) {
        this.authorities = authorities;
        this.doors = doors;
    }

    void handle(HttpServerRequest request) {
        Way way = way(request);
        if (way == null) {
            refuse(request, "the key-value store is not served by this version");
        } else if (way.family() != Family.CONTROL) {
            doors.calls().handle(request, way.family(), way.path());
        } else if (isGrpc(request)) {
            doors.grpc().handle(request);
        } else if (way.path().equals(PRESENCE)) {
            doors.presence().handle(request);
        } else if (way.path().equals(HEALTH)) {
            answer(request, 200, "status", "ok");
        } else if (REST.contains(firstSegment(way.path()))) {
            doors.rest().handle(request);
        } else {
            doors.calls().handle(request, Family.RUN, way.path());
        }
    }

    /// What the code inside a runner may reach: calls and files, never what owners use. protocol:
    /// choices 5
    void handleFromRunner(HttpServerRequest request) {
        Way way = way(request);
        if (way == null) {
            refuse(request, "the key-value store is not served by this version");
        } else if (way.family() != Family.CONTROL) {
            doors.calls().handle(request, way.family(), way.path());
        } else if (isGrpc(request)) {
            refuse(request, "not reachable from inside a runner");
        } else if (OF_RUNNERS.contains(firstSegment(way.path()))) {
            doors.rest().handle(request);
        } else if (REST.contains(firstSegment(way.path()))) {
            refuse(request, "not reachable from inside a runner");
        } else {
            doors.calls().handle(request, Family.RUN, way.path());
        }
    }

    /// @return null for a family that is not served
    private @Nullable Way way(HttpServerRequest request) {
        String path = request.path() == null || request.path().isEmpty() ? "/" : request.path();
        Family arrived =
                authorities.family(request.authority(), request.connection().localAddress());
        int second = path.indexOf('/', 1);
        return switch (second < 0 ? "" : path.substring(0, second)) {
            case "/run" -> new Way(Family.RUN, path.substring(second));
            case "/queue" -> new Way(Family.QUEUE, path.substring(second));
            case "/ws" -> new Way(Family.WS, path.substring(second));
            case "/cdn" -> new Way(Family.CONTROL, path.substring(second));
            case "/kv" -> null;
            default ->
                    new Way(
                            callsWorkflow(request, path) && arrived == Family.CONTROL
                                    ? Family.RUN
                                    : arrived,
                            path);
        };
    }

    /// Owners' requests about a workflow use other methods. protocol: control 3.6, data 2
    private static boolean callsWorkflow(HttpServerRequest request, String path) {
        return request.method() == HttpMethod.POST && WORKFLOW.matcher(path).matches();
    }

    private static boolean isGrpc(HttpServerRequest request) {
        String type = request.getHeader("content-type");
        return type != null && type.startsWith("application/grpc");
    }

    /// Empty segments do not count: fal's file calls begin with two slashes.
    private static String firstSegment(String path) {
        for (String segment : path.split("/")) {
            if (!segment.isEmpty()) {
                return segment;
            }
        }
        return "";
    }

    private static void refuse(HttpServerRequest request, String why) {
        answer(request, 404, "detail", why);
    }

    private static void answer(HttpServerRequest request, int status, String key, String value) {
        request.response()
                .setStatusCode(status)
                .putHeader("content-type", "application/json")
                .end(Json.write(java.util.Map.of(key, value)));
    }
}
