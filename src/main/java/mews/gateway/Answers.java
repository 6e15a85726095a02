package mews.gateway;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import mews.base.Json;
import mews.dispatch.Dispatcher;
import mews.model.ErrorType;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Answers that the gateway gives itself. All carry the request's id, so that clients can tell them
/// from those of a proxy in between. protocol: data 9.1, 15
final class Answers {
    private static final String USER_DEADLINE = "x-fal-request-timeout-type";

    private Answers() {}

    /// Whether the same call may succeed later. protocol: data 4, 9.1
    private static boolean temporary(ErrorType type) {
        return switch (type) {
            case REQUEST_TIMEOUT,
                    STARTUP_TIMEOUT,
                    RUNNER_SCHEDULING_FAILURE,
                    RUNNER_CONNECTION_TIMEOUT,
                    RUNNER_DISCONNECTED,
                    RUNNER_CONNECTION_REFUSED,
                    RUNNER_CONNECTION_ERROR,
                    RUNNER_INCOMPLETE_RESPONSE,
                    RUNNER_SERVER_ERROR ->
                    true;
            case CLIENT_DISCONNECTED, CLIENT_CANCELLED, BAD_REQUEST, INTERNAL_ERROR -> false;
        };
    }

    /// An infrastructure error.
    static void problem(HttpServerRequest request, UUID id, ErrorType type, String detail) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.headWritten()) {
            return;
        }
        response.putHeader("x-fal-error-type", type.wireName());
        if (temporary(type) && !response.headers().contains(USER_DEADLINE)) {
            response.putHeader("x-fal-needs-retry", "1");
        }
        json(request, id, type.status(), Map.of("detail", detail, "error_type", type.wireName()));
    }

    /// A refusal that is no infrastructure error: only `detail`.
    static void refusal(HttpServerRequest request, UUID id, int status, String detail) {
        json(request, id, status, Map.of("detail", detail));
    }

    /// Who calls; those who may not are answered.
    ///
    /// @return null if the answer is given
    static @Nullable String caller(Access.Answer answer, HttpServerRequest request, UUID id) {
        return switch (answer) {
            case Access.Answer.Granted(String caller) -> caller;
            case Access.Answer.Denied(String detail) -> {
                refusal(request, id, 401, detail);
                yield null;
            }
            case Access.Answer.Slower(String detail) -> {
                refusal(request, id, 429, detail);
                yield null;
            }
        };
    }

    /// The caller's own deadline passed before a runner took the request.
    static void startTimeout(HttpServerRequest request, UUID id, String detail) {
        request.response().putHeader(USER_DEADLINE, "user");
        problem(request, id, ErrorType.STARTUP_TIMEOUT, detail);
    }

    /// The call got no slot.
    static void notAdmitted(
            HttpServerRequest request, SyncCall.Facts facts, Throwable cause, CallHistory history) {
        if (!(cause instanceof Dispatcher.NotAdmitted refused)) {
            ErrorType type = ErrorType.INTERNAL_ERROR;
            history.ended(type.status(), type);
            problem(request, facts.id(), type, "no runner could take the request");
            return;
        }
        history.ended(refused.type().status(), refused.type());
        String detail = String.valueOf(refused.getMessage());
        boolean ofUser = facts.options().startTimeout() != null;
        if (refused.type() == ErrorType.STARTUP_TIMEOUT && ofUser) {
            startTimeout(request, facts.id(), detail);
        } else {
            problem(request, facts.id(), refused.type(), detail);
        }
    }

    static void json(
            HttpServerRequest request, @Nullable UUID id, int status, Map<String, ?> body) {
        json(request, id, status, Json.write(new LinkedHashMap<>(body)));
    }

    static void json(HttpServerRequest request, @Nullable UUID id, int status, JsonNode body) {
        json(request, id, status, Json.write(body));
    }

    private static void json(
            HttpServerRequest request, @Nullable UUID id, int status, String body) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.headWritten()) {
            return;
        }
        if (id != null) {
            response.putHeader(CallHeaders.REQUEST_ID, id.toString());
        }
        CallHeaders.allowOrigins(response.headers());
        response.setStatusCode(status).putHeader("content-type", "application/json").end(body);
    }

    /// The answer to a browser that asks before it calls.
    static void preflight(HttpServerRequest request, UUID id) {
        String headers = request.getHeader("access-control-request-headers");
        request.response()
                .setStatusCode(204)
                .putHeader(CallHeaders.REQUEST_ID, id.toString())
                .putHeader("access-control-allow-origin", "*")
                .putHeader(
                        "access-control-allow-methods",
                        "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
                .putHeader("access-control-allow-headers", headers == null ? "*" : headers)
                .putHeader("access-control-max-age", "86400")
                .end();
    }
}
