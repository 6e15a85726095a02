package mews.fleet;

import java.time.Instant;
import mews.sandbox.SandboxProcess;

/// A process that waits to be told what to run, and the place that was made for it.
///
/// @param launched when the sandbox was asked for it, or it was taken from those that waited
/// @param knows whether it has decoded the callable already
/// @param closing gives back the place; the process is to be closed before
record Berth(
        Workplace place,
        ControlLink link,
        SandboxProcess process,
        Way way,
        boolean knows,
        Instant launched,
        Closing closing) {
    boolean alive() {
        return !process.exit().isDone();
    }

    Berth takenAt(Instant now) {
        return new Berth(place, link, process, Way.AHEAD, knows, now, closing);
    }

    void discard() {
        process.close();
        closing.close();
    }
}
