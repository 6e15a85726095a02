package mews.fleet;

import java.util.List;
import java.util.UUID;
import mews.model.LogLine.Level;
import mews.model.Revision;
import mews.model.RunnerState;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import mews.sandbox.SandboxProcess;

/// Finds out, while one runner comes up, whether its revision bears being forked. A revision about
/// which nothing is known and whose fork ends before it is ready gets a plain start in the same
/// life: its requests wait a little longer, and do not fail.
final class ForkTrial {
    /// What has to do with forking.
    record Warm(Berths berths, WarmParents parents, Tolerance tolerance) {}

    private final Runner runner;
    private final Revision revision;
    private final WarmParents parents;
    private final Tolerance tolerance;
    private boolean inVain;
    private String symptom = "it ended before it was ready";

    ForkTrial(Runner runner, Warm warm) {
        this.runner = runner;
        this.revision = runner.order().revision();
        this.parents = warm.parents();
        this.tolerance = warm.tolerance();
    }

    /// Whether what the process says does not count any more.
    boolean inVain() {
        return inVain;
    }

    /// @return whether the process is given up, and will be started plainly once it is gone
    boolean failed(RunnerProcess process, String text) {
        if (tells(process) && !text.startsWith("MemoryError")) {
            inVain = true;
            process.kill();
        }
        return inVain;
    }

    /// Its health check does not pass. Threads that do not survive a fork make an app hang, not
    /// end.
    void unwell(RunnerProcess process, String detail) {
        if (tells(process)) {
            inVain = true;
            symptom = "its " + detail;
            process.kill();
        }
    }

    void exited(RunnerProcess process, SandboxProcess.Exit exit) {
        inVain |= tells(process) && !exit.outOfMemory();
    }

    /// @return whether it is to be started once more, now plainly
    boolean again(LogIntake logs) {
        if (!inVain || !(runner.state() instanceof RunnerState.Setup)) {
            return false;
        }
        inVain = false;
        tolerance.failed(revision.id(), Way.FORKED);
        logs.bridge(
                Level.WARNING,
                symptom + "; it was a fork of a warm parent, so it is started plainly");
        return true;
    }

    void cameUp(RunnerProcess process) {
        UUID id = revision.id();
        boolean suspect = !tolerance.mayFork(id);
        tolerance.cameUp(id, process.way());
        if (process.way() != Way.PLAIN) {
            parents.served(revision);
        } else if (suspect) {
            process.logs()
                    .bridge(
                            Level.WARNING,
                            "this revision starts plainly from now on: it came up so, but not as a fork of a warm parent");
        }
    }

    void stopped(Way way, StopReason reason, boolean wasReady) {
        boolean itsOwnDoing = reason.startFailure() && reason.code() != Code.OUT_OF_MEMORY;
        if (!wasReady && (itsOwnDoing || reason.code() == Code.UNHEALTHY)) {
            tolerance.failed(revision.id(), way);
        }
    }

    void learned(List<String> modules) {
        parents.learned(revision, modules);
    }

    /// Whether its end would say that the app does not bear being forked.
    private boolean tells(RunnerProcess process) {
        return process.way() != Way.PLAIN
                && runner.state() instanceof RunnerState.Setup
                && tolerance.unknown(revision.id());
    }
}
