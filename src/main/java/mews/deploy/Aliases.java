package mews.deploy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.Revision;
import org.jspecify.annotations.Nullable;

/// Aliases and revisions as their owners see and tune them. Thread-safe; blocks.
public interface Aliases {
    /// Tuned settings; a null or empty field is left as it is. protocol: control 2.7
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
            List<String> machineTypes,
            List<String> regions) {}

    /// Of one account, ephemeral ones left out.
    ///
    /// @param environment null = every named environment
    List<Alias> list(String owner, @Nullable String environment);

    Optional<Alias> find(AppName app);

    /// Of one account, newest first; `app` null = all.
    List<Revision> revisions(String owner, @Nullable AppName app);

    Optional<Revision> revision(UUID id);

    /// @throws mews.model.Refusal if there is no such alias or a value is out of range
    Alias tune(AppName app, Tuning tuning);

    /// Points an alias at an older revision, or makes the alias.
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
