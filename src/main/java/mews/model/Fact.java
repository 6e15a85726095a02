package mews.model;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Something that happened to a request, a runner or an alias, kept so that it can be explained
/// later.
///
/// @param subject what `id` names
/// @param id request or runner id, or `owner/alias`
/// @param event snake_case, such as `queued`, `admitted`, `attempt_started`, `phase`
/// @param details snake_case keys; never inputs, outputs or secrets
public record Fact(
        Instant at,
        Subject subject,
        String id,
        @Nullable AppName app,
        String event,
        Map<String, String> details) {
    public enum Subject {
        REQUEST,
        RUNNER,
        ALIAS
    }
}
