package mews.dispatch;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.model.AppName;
import org.jspecify.annotations.Nullable;

/// What may happen to the dispatcher's core.
sealed interface Event {
    /// A runner is ready.
    record Opened(UUID runner, AppName app, UUID revision, int slots) implements Event {}

    /// It must get nothing new.
    record Closed(UUID runner) implements Event {}

    /// It is gone, and with it its slots.
    record Gone(UUID runner) implements Event {}

    /// Which revision answers now; null if the alias is gone.
    record Serving(AppName app, @Nullable UUID revision) implements Event {}

    /// A direct call wants a slot.
    record Admit(
            UUID request, AppName app, Instant arrived, Instant deadline, @Nullable String hint)
            implements Event {}

    /// The caller of a waiting direct call went away.
    record Abandon(UUID request) implements Event {}

    /// How many queued requests may be leased now.
    record Work(AppName app, int leasable) implements Event {}

    /// Queued requests were leased for a claim.
    ///
    /// @param hints one for each leased request, in order
    /// @param leasable how many more may be leased now
    record Claimed(AppName app, List<Hint> hints, int leasable) implements Event {}

    /// A leased request may prefer a runner.
    record Hint(@Nullable String text) {}

    /// The request that held a slot is over.
    record Freed(long slot) implements Event {}

    /// What a runner reported with its last response.
    record Reported(UUID runner, List<String> hints) implements Event {}

    record Tick(Instant now) implements Event {}
}
