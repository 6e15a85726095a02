package mews.deploy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Revision;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import org.jspecify.annotations.Nullable;

/// Aliases and revisions as their owners see and tune them. Thread-safe; blocks.
public interface Aliases {
    /// Tuned settings; a null or empty field is left as it is. protocol: control 2.7
    ///
    /// @param requestStartTimeout zero clears it
    record Tuning(
            @Nullable Duration keepAlive,
            @Nullable Integer maxMultiplexing,
            @Nullable Integer maxConcurrency,
            @Nullable Integer minConcurrency,
            @Nullable Integer concurrencyBuffer,
            @Nullable Integer concurrencyBufferPerc,
            @Nullable Duration scalingDelay,
            @Nullable Duration requestTimeout,
            @Nullable Duration startupTimeout,
            @Nullable Duration requestStartTimeout,
            List<String> machineTypes,
            List<String> regions) {}

    /// A revision without its code, which may be large.
    ///
    /// @param givenUp why it never served, if it was tried and abandoned
    record Listed(
            UUID id,
            AppName app,
            List<String> machineTypes,
            List<String> regions,
            ScalePolicy scale,
            Timeouts timeouts,
            @Nullable String givenUp,
            Instant createdAt) {}

    /// Of one account, ephemeral ones left out.
    ///
    /// @param environment null = every named environment
    List<Alias> list(String owner, @Nullable String environment);

    Optional<Alias> find(AppName app);

    /// Of one account, newest first; `app` null = all.
    List<Listed> revisions(String owner, @Nullable AppName app);

    Optional<Revision> revision(UUID id);

    /// Finds a revision by the beginning of its id, as long as only one begins so.
    ///
    /// @param app null = of any app of the owner
    /// @throws mews.model.Refusal if there is none or more than one, naming some of them
    Revision revision(String owner, @Nullable AppName app, String prefix);

    /// The revision that is `next` of an alias, under that alias's name: an alias may point to a
    /// revision that was registered under another one.
    Optional<Revision> incoming(AppName app);

    /// @throws mews.model.Refusal if there is no such alias or a value is out of range
    Alias tune(AppName app, Tuning tuning);

    /// Points an alias at an older revision, or makes the alias. Tuned settings stay, those that
    /// belong to the code come from the revision.
    ///
    /// @param auth null keeps the alias's mode
    /// @param strategy null keeps the alias's; `rolling` sets `next`
    /// @throws mews.model.Refusal if the owner has no such revision
    Alias point(
            AppName app,
            UUID revision,
            @Nullable AuthMode auth,
            @Nullable DeploymentStrategy strategy);

    /// Replaces all runners by new ones of the same revision: a new generation.
    Alias rollout(AppName app);

    /// @throws mews.model.Refusal if it is unknown or an alias points to it
    void deleteRevision(String owner, UUID revision);
}
