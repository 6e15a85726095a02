package mews.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The name that points to a revision, with the settings that may be tuned while it runs.
///
/// @param auth who may call
/// @param serving the revision that answers
/// @param next a revision that is coming up and will take over once one runner of it is ready
/// @param strategy how `next` takes over
/// @param scale effective policy
/// @param requestTimeout effective
/// @param startupTimeout effective
/// @param requestStartTimeout effective; see [Timeouts#requestStart]
/// @param machineTypes effective, in order of preference
/// @param regions effective; empty = any
/// @param ephemeral made by a run: goes with its command
/// @param generation grows with every rollout; runners of an older generation are replaced
public record Alias(
        AppName app,
        AuthMode auth,
        UUID serving,
        @Nullable UUID next,
        DeploymentStrategy strategy,
        ScalePolicy scale,
        Duration requestTimeout,
        Duration startupTimeout,
        @Nullable Duration requestStartTimeout,
        List<String> machineTypes,
        List<String> regions,
        boolean ephemeral,
        int generation,
        Instant createdAt) {}
