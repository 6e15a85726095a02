package mews.dispatch;

import java.util.UUID;
import mews.model.AppName;
import mews.model.ErrorType;

/// What the dispatcher's core wants done, in order.
sealed interface Action {
    /// A direct call got a slot.
    record Admitted(UUID request, long slot, UUID runner) implements Action {}

    /// A direct call gets none.
    record Refused(UUID request, ErrorType why) implements Action {}

    /// A direct call has to wait.
    record Waits(UUID request, int runners) implements Action {}

    /// Lease up to so many queued requests; slots are kept for them until `Claimed`.
    record Claim(AppName app, int most) implements Action {}

    /// The n-th leased request of the claim got a slot.
    record Run(AppName app, int index, long slot, UUID runner) implements Action {}

    /// The n-th leased request of the claim got none: its runner went away meanwhile.
    record GiveBack(AppName app, int index) implements Action {}

    /// How many requests a runner serves now.
    record Busy(UUID runner, int inFlight) implements Action {}

    /// Demand of an app changed.
    ///
    /// @param waiting whether somebody began or ceased to wait for a slot
    record Demanded(AppName app, boolean waiting) implements Action {}
}
