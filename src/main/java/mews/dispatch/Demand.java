package mews.dispatch;

import java.time.Instant;
import java.util.List;

/// What direct calls want from one app now; queued requests are counted by `queue`.
///
/// @param inFlight requests on runners, queued ones among them
/// @param waiting arrival times of direct calls without a slot, oldest first
public record Demand(int inFlight, List<Instant> waiting) {
    public static final Demand NONE = new Demand(0, List.of());
}
