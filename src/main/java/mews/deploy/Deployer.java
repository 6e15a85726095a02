package mews.deploy;

import java.util.UUID;
import java.util.function.Consumer;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.LogLine;
import mews.model.Revision;
import mews.model.RevisionSpec;
import org.jspecify.annotations.Nullable;

/// Builds, records, then switches. A failure leaves the alias on the revision it had. Thread-safe;
/// blocks.
public interface Deployer {
    /// @param auth null keeps the alias's mode, or private for a new one
    /// @param resetScale take every setting from `spec` instead of keeping tuned ones
    /// @param force build the environment again
    record Registration(
            AppName app,
            RevisionSpec spec,
            @Nullable AuthMode auth,
            DeploymentStrategy strategy,
            boolean resetScale,
            boolean force) {}

    /// @param lines build output
    /// @return the new revision; with `rolling` on an existing alias it is `next` until a runner is
    ///   ready
    Revision deploy(Registration registration, Consumer<LogLine> lines) throws InterruptedException;

    /// Makes an alias that lives until `remove`: a run with a URL.
    ///
    /// @param name wished for; the alias is its slug and six characters
    Alias run(String owner, String name, RevisionSpec spec, AuthMode auth, Consumer<LogLine> lines)
            throws InterruptedException;

    /// Removes an alias and all its runners; revisions stay unless it was ephemeral.
    ///
    /// @return the revision it served
    UUID remove(AppName app);

    /// Waits until the alias serves `revision`, or that revision was given up.
    ///
    /// @throws mews.model.Refusal with the reason if it was given up
    void awaitServing(AppName app, UUID revision) throws InterruptedException;

    /// `serving` = `next`; called by `reconcile` once a runner of it is ready.
    void promote(AppName app, UUID revision);

    /// Gives `next` up and keeps `serving`; called by `reconcile` when it cannot start.
    void abandon(AppName app, UUID revision, String reason);
}
