package mews.history;

import java.time.Duration;
import java.time.Instant;

/// A piece of a request's life.
///
/// @param what stable: `decision`, `scaling_delay`, `slot`, `backoff`, `no_room`, `environment`,
///   `failed_start`, `start_<phase>`, `health`, `retry_backoff`, `first_byte`, `body`, `app`
/// @param text for people
public record Span(Instant from, Instant to, String what, String text) {
    public Duration length() {
        return Duration.between(from, to);
    }
}
