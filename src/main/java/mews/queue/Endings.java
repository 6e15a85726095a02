package mews.queue;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.model.ErrorType;
import mews.queue.Queue.Result;

/// Results of requests that no app answered.
final class Endings {
    static final Result CANCELLED =
            error(ErrorType.CLIENT_CANCELLED, "the request was cancelled by its caller", Map.of());

    static final Result FLUSHED =
            error(
                    ErrorType.CLIENT_CANCELLED,
                    "the request was removed from the queue by the owner of the app",
                    Map.of());

    /// protocol: data 6, 15
    static final Result EXPIRED =
            error(
                    ErrorType.STARTUP_TIMEOUT,
                    "the request was not started within the time that its X-Fal-Request-Timeout, or"
                            + " the request_start_timeout of the app, allowed",
                    Map.of("x-fal-request-timeout-type", List.of("user")));

    static final Result BODY_LOST =
            error(
                    ErrorType.INTERNAL_ERROR,
                    "the body of the request is no longer on the server's disk",
                    Map.of());

    private Endings() {}

    /// protocol: data 9.1
    static Result error(ErrorType type, String detail, Map<String, List<String>> more) {
        Map<String, List<String>> headers = new LinkedHashMap<>(more);
        headers.put("content-type", List.of("application/json"));
        headers.put("x-fal-error-type", List.of(type.wireName()));
        Map<String, String> body = new LinkedHashMap<>();
        body.put("detail", detail);
        body.put("error_type", type.wireName());
        byte[] json = Json.write(body).getBytes(StandardCharsets.UTF_8);
        return new Result(type.status(), headers, json, type, detail);
    }
}
