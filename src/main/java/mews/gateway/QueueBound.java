package mews.gateway;

import io.vertx.core.http.HttpServerRequest;
import java.util.UUID;
import mews.model.ErrorType;
import org.jspecify.annotations.Nullable;

/// How many requests a caller accepts to find waiting. protocol: data 5.1
final class QueueBound {
    /// No bound was given.
    static final int NONE = -1;

    private QueueBound() {}

    /// @return null if the parameter was malformed and the answer is given
    static @Nullable Integer of(HttpServerRequest request, UUID id) {
        String text = request.getParam("fal_max_queue_length");
        if (text == null) {
            return NONE;
        }
        try {
            int bound = Integer.parseInt(text.strip());
            if (bound >= 0) {
                return bound;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        Answers.problem(
                request,
                id,
                ErrorType.BAD_REQUEST,
                "fal_max_queue_length must be a whole number, 0 or more, was '%s'".formatted(text));
        return null;
    }
}
