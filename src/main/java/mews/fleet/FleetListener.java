package mews.fleet;

import mews.model.RunnerView;

/// Hears what becomes of runners, in order per runner. Must not block.
public interface FleetListener {
    /// Any change of state, the ones below among them.
    default void changed(RunnerView runner) {}

    /// It may get requests from now on.
    default void ready(RunnerView runner) {}

    /// It must get no new requests.
    default void draining(RunnerView runner) {}

    /// It is gone; whatever it had is lost.
    default void stopped(RunnerView runner) {}
}
