package mews.fleet;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import mews.model.AppName;
import mews.model.Revision;
import mews.model.RunnerTimeline;
import mews.model.RunnerView;
import mews.model.StopReason;

/// Live runners and what becomes of them. Calls return at once; news comes through listeners.
/// Thread-safe.
public interface Fleet {
    /// Starts a runner; it is Pending, then Setup, then Ready or Stopped.
    ///
    /// @return its id
    /// @throws mews.model.Refusal if this server is stopping, or fewer accelerators are free than
    ///   it needs
    UUID start(RunnerOrder order);

    /// Prepares what makes later starts of this revision's runners fast. Returns at once.
    default void warm(Revision revision) {}

    /// Takes nothing new, finishes what it has, then SIGTERM and the grace period. A runner that is
    /// not ready yet is stopped at once.
    void drain(UUID runner, StopReason reason);

    /// SIGKILL, now.
    void kill(UUID runner, StopReason reason);

    /// Runs a command where a runner runs, as long as it is not closed and the runner lives.
    ///
    /// @throws mews.model.Refusal if there is no process to join
    default RunnerShell shell(UUID runner, RunnerShell.Wish wish) {
        throw new mews.model.Refusal(
                mews.model.Refusal.Kind.UNSUPPORTED, "this server offers no shell into runners");
    }

    /// The app's answer asked for a health check; one failure ends the runner. protocol: platform 5
    default void checkHealth(UUID runner) {}

    /// The app gave an answer that a broken server may give too; a port that no longer accepts ends
    /// the runner. protocol: platform 4
    default void suspect(UUID runner) {}

    List<RunnerView> live();

    Optional<RunnerView> find(UUID runner);

    /// Runners of an account that ended at `since` or later, newest first; survives a restart.
    List<RunnerView> ended(String account, Instant since);

    /// When a runner entered each state, live or ended; survives a restart.
    Optional<RunnerTimeline> timeline(UUID runner);

    /// Runners of an app that were there at some time from `from` up to `to`, oldest first; at most
    /// a thousand.
    List<RunnerTimeline> timelines(AppName app, Instant from, Instant to);

    /// Told by `dispatch` whenever the number changes; 0 starts the idle clock.
    void inFlight(UUID runner, int requests);

    void listen(FleetListener listener);
}
