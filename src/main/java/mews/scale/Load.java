package mews.scale;

import java.time.Instant;
import java.util.List;

/// What one alias has and what is asked of it, at one moment.
///
/// @param inFlight requests on runners
/// @param waiting arrival times of requests without a slot, direct and queued
/// @param unseen further waiting requests, all younger than the last of `waiting`
/// @param starting runners that are not ready yet
/// @param busy ready runners that serve at least one request
/// @param idle ready runners that serve nothing
/// @param coming what is foreseen of those that start
public record Load(
        int inFlight,
        List<Instant> waiting,
        int unseen,
        int starting,
        int busy,
        List<Idle> idle,
        Coming coming) {
    /// A ready runner without work.
    ///
    /// @param since end of its last request, or when it became ready
    /// @param everServed whether it ever had a request
    public record Idle(Instant since, boolean everServed) {}

    public Load {
        waiting = List.copyOf(waiting);
        idle = List.copyOf(idle);
    }

    /// Where nothing is foreseen.
    public Load(
            int inFlight,
            List<Instant> waiting,
            int unseen,
            int starting,
            int busy,
            List<Idle> idle) {
        this(inFlight, waiting, unseen, starting, busy, idle, Coming.UNKNOWN);
    }

    /// Runners that count toward the target: all that are coming up or ready.
    public int runners() {
        return starting + busy + idle.size();
    }
}
