package mews.gateway;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import mews.model.Route;

/// Which headers pass, each way. protocol: data 6
final class CallHeaders {
    static final String REQUEST_ID = "x-fal-request-id";

    /// Of one connection, not of the message. RFC 9110 7.6.1
    private static final Set<String> HOP =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade");

    /// Ours to set or to consume; the caller's key is never for the app.
    private static final Set<String> NOT_FROM_CALLERS =
            Set.of("authorization", "host", "expect", "content-length", "http2-settings");

    /// What a caller may say to the app in our own name space.
    private static final Set<String> PASSED =
            Set.of(
                    "x-fal-object-lifecycle-preference",
                    "x-fal-object-lifecycle",
                    "x-fal-cdn-token");

    /// Read by the platform, of no meaning to the caller.
    private static final Set<String> NOT_FROM_APPS =
            Set.of("x-fal-stop-runner", "x-fal-runner-health-check", "content-length");

    private CallHeaders() {}

    /// What the app gets, lower-case names; values of repeated headers are joined.
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
            headers.put("x-fal-caller-user-id", caller);
        }
        return headers;
    }

    /// Copies what the app answered, but for what is of its connection or for us.
    static void toCaller(MultiMap from, MultiMap to) {
        from.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HOP.contains(lower)
                    && !NOT_FROM_APPS.contains(lower)
                    && !lower.equals(REQUEST_ID)) {
                to.add(name, value);
            }
        });
        String length = from.get(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            to.set(HttpHeaders.CONTENT_LENGTH, length);
        }
    }

    /// An app that answers cross-origin requests itself is left to it.
    static void allowOrigins(MultiMap headers) {
        if (!headers.contains("access-control-allow-origin")) {
            headers.set("access-control-allow-origin", "*");
            headers.set("access-control-expose-headers", "*");
        }
    }

    private static boolean passesToRunner(String lower) {
        if (HOP.contains(lower) || NOT_FROM_CALLERS.contains(lower) || lower.startsWith(":")) {
            return false;
        }
        return !lower.startsWith("x-fal-") || PASSED.contains(lower);
    }
}
