package mews.gateway;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import mews.base.Hashes;
import mews.dispatch.AppHeaders;
import mews.model.Route;

/// Which headers pass, each way. protocol: data 6
final class CallHeaders {
    static final String REQUEST_ID = AppHeaders.REQUEST_ID;
    static final String SERVED_FROM = "x-fal-served-from";

    /// Ours to set or to consume; the caller's key is never for the app.
    private static final Set<String> NOT_FROM_CALLERS =
            Set.of("authorization", "host", "expect", "content-length");

    /// What a caller may say to the app in our own name space.
    private static final Set<String> PASSED =
            Set.of(
                    "x-fal-object-lifecycle-preference",
                    "x-fal-object-lifecycle",
                    "x-fal-cdn-token");

    private CallHeaders() {}

    /// What the app gets, lower-case names; values of repeated headers are joined. Callers of other
    /// accounts are told apart, but not told.
    static Map<String, String> toRunner(
            MultiMap from, Route route, String rest, UUID request, String caller) {
        Map<String, String> headers = new LinkedHashMap<>();
        from.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (passesToRunner(lower)) {
                String separator = lower.equals("cookie") ? "; " : ", ";
                headers.merge(lower, value, (first, next) -> first + separator + next);
            }
        });
        headers.put(REQUEST_ID, request.toString());
        headers.put("x-fal-endpoint", route.app() + rest);
        if (!caller.isEmpty()) {
            boolean own = caller.equals(route.app().owner());
            headers.put("x-fal-caller-user-id", own ? caller : Hashes.sha256Hex(caller));
        }
        return headers;
    }

    /// Copies what the app answered, but for what is of its connection or for us.
    static void toCaller(MultiMap from, int status, MultiMap to) {
        from.forEach((name, value) -> {
            if (AppHeaders.forCaller(name, status)) {
                to.add(name, value);
            }
        });
    }

    /// The head of an app's answer, with what the gateway adds to it.
    static void answer(HttpClientResponse from, UUID id, UUID runner, HttpServerResponse to) {
        to.setStatusCode(from.statusCode());
        toCaller(from.headers(), from.statusCode(), to.headers());
        to.putHeader(REQUEST_ID, id.toString());
        to.putHeader(SERVED_FROM, runner.toString());
        allowOrigins(to.headers());
    }

    /// An app that answers cross-origin requests itself is left to it.
    static void allowOrigins(MultiMap headers) {
        if (!headers.contains("access-control-allow-origin")) {
            headers.set("access-control-allow-origin", "*");
            headers.set("access-control-expose-headers", "*");
        }
    }

    private static boolean passesToRunner(String lower) {
        if (AppHeaders.ofConnection(lower)
                || NOT_FROM_CALLERS.contains(lower)
                || lower.startsWith(":")) {
            return false;
        }
        return !lower.startsWith("x-fal-") || PASSED.contains(lower);
    }
}
