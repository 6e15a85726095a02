package mews.model;

import java.time.Duration;

/// The clocks of a revision. protocol: platform 2.1, 6
///
/// @param request longest one attempt may take; zero = no limit
/// @param startup longest from start to ready, `setup()` included
/// @param grace from SIGTERM to SIGKILL
public record Timeouts(Duration request, Duration startup, Duration grace) {
    public static final Timeouts DEFAULT =
            new Timeouts(Duration.ofSeconds(3600), Duration.ofSeconds(600), Duration.ofSeconds(5));

    public Timeouts {
        Require.atLeast("request_timeout", 0, request.toSeconds());
        Require.atLeast("startup_timeout", 0, startup.toSeconds());
        Require.atLeast("termination_grace_period_seconds", 0, grace.toSeconds());
    }
}
