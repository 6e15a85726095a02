package mews.fleet;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import mews.sandbox.SandboxProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
    private static final Logger LOG = LoggerFactory.getLogger(Berth.class);

    boolean alive() {
        return !process.exit().isDone();
    }

    Berth takenAt(Instant now) {
        return new Berth(place, link, process, Way.AHEAD, knows, now, closing);
    }

    /// For one whose output nobody reads.
    void discard() {
        process.close();
        for (InputStream each : List.of(process.stdout(), process.stderr())) {
            try {
                each.close();
            } catch (IOException e) {
                LOG.debug("output of a fork was not closed", e);
            }
        }
        closing.close();
    }
}
