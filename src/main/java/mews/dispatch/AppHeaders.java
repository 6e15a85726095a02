package mews.dispatch;

import java.util.Locale;
import java.util.Set;

/// Which headers of an app's answer go to its caller. protocol: data 6
public final class AppHeaders {
    public static final String REQUEST_ID = "x-fal-request-id";
    public static final String NEEDS_RETRY = "x-fal-needs-retry";
    public static final String STOP_RUNNER = "x-fal-stop-runner";
    public static final String HEALTH_CHECK = "x-fal-runner-health-check";
    public static final String RUNNER_HINTS = "x-fal-runner-hints";

    /// Of one connection, not of the message (RFC 9110 7.6.1).
    private static final Set<String> OF_CONNECTION =
            Set.of(
                    "connection",
                    "keep-alive",
                    "proxy-connection",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "http2-settings");

    private AppHeaders() {}

    /// @param name in any case
    public static boolean ofConnection(String name) {
        return OF_CONNECTION.contains(name.toLowerCase(Locale.ROOT));
    }

    /// Whether an answer's header is for its caller: those meant for the platform are not, and
    /// `X-Fal-Needs-Retry` means something on 5xx and 429 only.
    ///
    /// @param name in any case
    public static boolean forCaller(String name, int status) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case STOP_RUNNER, HEALTH_CHECK, REQUEST_ID -> false;
            case NEEDS_RETRY -> mayAskForRetry(status);
            default -> !ofConnection(name);
        };
    }

    static boolean mayAskForRetry(int status) {
        return status >= 500 || status == 429;
    }

    /// protocol: data 6; `1`, `true` and `yes`, in any case
    static boolean truthy(String value) {
        return switch (value.trim().toLowerCase(Locale.ROOT)) {
            case "1", "true", "yes" -> true;
            default -> false;
        };
    }
}
