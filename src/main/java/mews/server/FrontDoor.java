package mews.server;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import java.util.Set;
import mews.model.Family;

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

    private static final String PRESENCE = "/v1/mews/presence";

    private static final Set<String> REST =
            Set.of(
                    "users",
                    "applications",
                    "runners",
                    "logs",
                    "files",
                    "storage",
                    "tokens",
                    "workflows",
                    "comfy",
                    "metrics",
                    "health",
                    "v1",
                    ".well-known");

    private final Authorities authorities;
    private final Doors doors;

    FrontDoor(Authorities authorities, Doors doors) {
        this.authorities = authorities;
        this.doors = doors;
    }

    void handle(HttpServerRequest request) {
        String path = request.path() == null ? "/" : request.path();
        Family prefixed = prefix(path);
        if (prefixed != null) {
            doors.calls().handle(request, prefixed, path.substring(path.indexOf('/', 1)));
            return;
        }
        Family family = family(request);
        if (family != Family.CONTROL) {
            doors.calls().handle(request, family, path);
        } else if (isGrpc(request)) {
            doors.grpc().handle(request);
        } else if (path.equals(PRESENCE)) {
            doors.presence().handle(request);
        } else if (REST.contains(firstSegment(path))) {
            doors.rest().handle(request);
        } else {
            doors.calls().handle(request, Family.RUN, path);
        }
    }

    /// What the code inside a runner may reach: calls and files, never what owners use. protocol:
    /// choices 5
    void handleFromRunner(HttpServerRequest request) {
        String path = request.path() == null ? "/" : request.path();
        Family prefixed = prefix(path);
        Family family = prefixed == null ? family(request) : prefixed;
        String rest = prefixed == null ? path : path.substring(path.indexOf('/', 1));
        if (prefixed == null && family == Family.CONTROL) {
            String first = firstSegment(path);
            if (first.equals("storage") && !isGrpc(request)) {
                doors.rest().handle(request);
                return;
            }
            if (isGrpc(request) || REST.contains(first)) {
                request.response()
                        .setStatusCode(404)
                        .putHeader("content-type", "application/json")
                        .end("{\"detail\":\"not reachable from inside a runner\"}");
                return;
            }
        }
        doors.calls().handle(request, family == Family.CONTROL ? Family.RUN : family, rest);
    }

    private Family family(HttpServerRequest request) {
        if (request.authority() != null
                && authorities.hosts().containsKey(request.authority().host())) {
            return authorities.family(request.authority().host());
        }
        var local = request.connection().localAddress();
        return local == null || local.hostAddress() == null
                ? Family.CONTROL
                : authorities.family(local.hostAddress());
    }

    private static @org.jspecify.annotations.Nullable Family prefix(String path) {
        if (path.startsWith("/run/")) {
            return Family.RUN;
        }
        if (path.startsWith("/queue/")) {
            return Family.QUEUE;
        }
        return path.startsWith("/ws/") ? Family.WS : null;
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
}
