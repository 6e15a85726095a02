package mews.model;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The clocks of a revision. protocol: platform 2.1, 6
///
/// @param request longest one attempt may take; zero = no limit
/// @param startup longest from start to ready, `setup()` included
/// @param grace from SIGTERM to SIGKILL
/// @param requestStart longest that a request of the app's owner waits for a runner, unless the
///   request says so itself; null = as long as it takes
public record Timeouts(
        Duration request, Duration startup, Duration grace, @Nullable Duration requestStart) {
    public static final Timeouts DEFAULT =
            new Timeouts(
                    Duration.ofSeconds(3600), Duration.ofSeconds(600), Duration.ofSeconds(5), null);

    public Timeouts {
        Require.atLeast("request_timeout", 0, request.toSeconds());
        Require.atLeast("startup_timeout", 0, startup.toSeconds());
        Require.atLeast("termination_grace_period_seconds", 0, grace.toSeconds());
        if (requestStart != null) {
            Require.atLeast("request_start_timeout", 1, requestStart.toSeconds());
        }
    }
}
