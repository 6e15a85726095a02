package mews.scale;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Why runners that are wanted are not started.
///
/// @param kind `backoff`, `no_room` or `environment`
/// @param reason for people
/// @param since when it began
/// @param until before which no start is tried, unless what is waited for comes earlier; null =
///   each look tries
public record Holdup(String kind, String reason, Instant since, @Nullable Instant until) {
    /// The reason; after a failed start with the moment of the next one.
    public String text() {
        return until != null && kind.equals("backoff")
                ? "until %s: %s".formatted(until, reason)
                : reason;
    }
}
