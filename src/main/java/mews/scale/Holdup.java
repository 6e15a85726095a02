package mews.scale;

import java.time.Instant;

/// Why runners that are wanted are not started.
///
/// @param kind `backoff`, `no_room` or `environment`
/// @param reason for people
/// @param since when it began
public record Holdup(String kind, String reason, Instant since) {}
