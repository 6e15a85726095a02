package mews.fleet;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import mews.account.Keys;
import mews.account.Secrets;
import mews.base.Home;
import mews.history.History;
import mews.host.EnvironmentLayout;
import mews.logs.Logs;
import mews.model.Addresses;
import mews.model.AppName;
import mews.sandbox.Sandbox;
import mews.storage.Blobs;
import org.jspecify.annotations.Nullable;

/// What runners stand on.
///
/// @param addresses asked at each start, since a server knows its port only once it listens
/// @param runnerSource the folder that holds the Python package `mews_runner`
/// @param region of this node, told to apps; null if none was set
/// @param roots certificates that TLS clients inside runners need to trust, in PEM, for the way to
///   this server and to all others; null if what their system has is enough
/// @param requestTimeouts what is in force for an app now, zero for no limit; empty if it is gone
public record Ground(
        Home home,
        Sandbox sandbox,
        EnvironmentLayout environments,
        Path runnerSource,
        DoorKeeper door,
        Supplier<Addresses> addresses,
        @Nullable String region,
        @Nullable Path roots,
        Blobs blobs,
        Keys keys,
        Secrets secrets,
        Logs logs,
        History history,
        WarmSettings warm,
        GpuDesk gpus,
        Function<AppName, Optional<Duration>> requestTimeouts,
        InstantSource clock) {
    /// @param memoryBytes most that warm parents may take; 0 = runners start plainly
    /// @param ahead forks that wait for a request, for each parent that is in use
    public record WarmSettings(long memoryBytes, int ahead) {}
}
