package mews.model;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A runner as it was at one moment.
///
/// @param generation of the alias when it was started
/// @param machineType the one it was placed on
/// @param slots requests it may serve at once
/// @param inFlight requests it serves now
/// @param idleSince since when it has served nothing; absent while busy or not ready
/// @param everServed whether it ever got a request
/// @param isolation what the sandbox gives, in a few words; `no isolation` if nothing
/// @param started how its process came to be: `plain` or `forked`; empty while there is none yet
public record RunnerView(
        UUID id,
        AppName app,
        UUID revision,
        int generation,
        String machineType,
        RunnerState state,
        Instant createdAt,
        int slots,
        int inFlight,
        @Nullable Instant idleSince,
        boolean everServed,
        String isolation,
        String started) {}
