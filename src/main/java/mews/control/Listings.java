package mews.control;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import mews.deploy.Aliases;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.ScalePolicy;
import mews.model.StopReason;
import mews.scale.Autoscaler;
import mews.scale.Load;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.ApplicationInfo;
import mews.wire.proto.RunnerInfo;
import org.jspecify.annotations.Nullable;

/// What owners see, on the wire. Every number is filled, since an absent one would read as 0, but a
/// start timeout that is not set. protocol: control 7.1, 7.2
final class Listings {
    private Listings() {}

    /// @param live runners that are not stopped, of any app
    static AliasInfo alias(Alias alias, List<RunnerView> live) {
        ScalePolicy scale = alias.scale();
        AliasInfo.Builder info =
                AliasInfo.newBuilder()
                        .setAlias(alias.app().alias())
                        .setRevision(alias.serving().toString())
                        .setAuthMode(Words.auth(alias.auth()))
                        .setMaxConcurrency(scale.maxConcurrency())
                        .setMaxMultiplexing(scale.maxMultiplexing())
                        .setKeepAlive(seconds(scale.keepAlive()))
                        .setActiveRunners(active(alias.app(), live))
                        .setMinConcurrency(scale.minConcurrency())
                        .addAllMachineTypes(alias.machineTypes())
                        .setRequestTimeout(seconds(alias.requestTimeout()))
                        .setStartupTimeout(seconds(alias.startupTimeout()))
                        .addAllValidRegions(alias.regions())
                        .setConcurrencyBuffer(scale.concurrencyBuffer())
                        .setConcurrencyBufferPerc(scale.concurrencyBufferPerc())
                        .setScalingDelaySeconds(seconds(scale.scalingDelay()))
                        .setEnvironmentName(alias.app().environment())
                        .setIsRolling(alias.next() != null);
        if (alias.requestStartTimeout() != null) {
            info.setRequestStartTimeout(seconds(alias.requestStartTimeout()));
        }
        return info.build();
    }

    static ApplicationInfo revision(Aliases.Listed revision, List<RunnerView> live) {
        ScalePolicy scale = revision.scale();
        long runners = live.stream().filter(view -> view.revision().equals(revision.id())).count();
        ApplicationInfo.Builder info =
                ApplicationInfo.newBuilder()
                        .setApplicationId(revision.id().toString())
                        .setMaxConcurrency(scale.maxConcurrency())
                        .setMaxMultiplexing(scale.maxMultiplexing())
                        .setKeepAlive(seconds(scale.keepAlive()))
                        .setActiveRunners((int) runners)
                        .setMinConcurrency(scale.minConcurrency())
                        .addAllMachineTypes(revision.machineTypes())
                        .setRequestTimeout(seconds(revision.timeouts().request()))
                        .setStartupTimeout(seconds(revision.timeouts().startup()))
                        .addAllValidRegions(revision.regions())
                        .setConcurrencyBuffer(scale.concurrencyBuffer())
                        .setCreatedAt(Words.timestamp(revision.createdAt()))
                        .setConcurrencyBufferPerc(scale.concurrencyBufferPerc())
                        .setScalingDelaySeconds(seconds(scale.scalingDelay()))
                        .setEnvironmentName(revision.app().environment());
        if (revision.timeouts().requestStart() != null) {
            info.setRequestStartTimeout(seconds(revision.timeouts().requestStart()));
        }
        return info.build();
    }

    /// @param alias of the runner; null when it is gone
    static RunnerInfo runner(RunnerView runner, @Nullable Alias alias, Instant now) {
        Instant end = runner.state() instanceof RunnerState.Stopped stopped ? stopped.since() : now;
        RunnerInfo.Builder info =
                RunnerInfo.newBuilder()
                        .setRunnerId(runner.id().toString())
                        .setInFlightRequests(runner.inFlight())
                        .setUptime(
                                Math.max(0, Duration.between(runner.createdAt(), end).toMillis())
                                        / 1000f)
                        .setExternalMetadata(metadata(runner))
                        .setRevision(runner.revision().toString())
                        .setAlias(runner.app().alias())
                        .setState(state(runner))
                        .setReplacement(replacement(runner, alias))
                        .setMachineType(runner.machineType());
        Integer countdown = countdown(runner, alias, now);
        if (countdown != null) {
            info.setExpirationCountdown(countdown);
        }
        return info.build();
    }

    static RunnerInfo.State state(RunnerView runner) {
        return switch (runner.state()) {
            case RunnerState.Pending ignored -> RunnerInfo.State.PENDING;
            case RunnerState.Setup ignored -> RunnerInfo.State.SETUP;
            case RunnerState.Ready ignored ->
                    runner.inFlight() > 0 ? RunnerInfo.State.RUNNING : RunnerInfo.State.IDLE;
            case RunnerState.Draining ignored -> RunnerInfo.State.DRAINING;
            case RunnerState.Terminating ignored -> RunnerInfo.State.TERMINATING;
            case RunnerState.Stopped ignored -> RunnerInfo.State.TERMINATED;
        };
    }

    static int active(AppName app, List<RunnerView> live) {
        return (int) live.stream().filter(view -> view.app().equals(app)).count();
    }

    /// Seconds until an idle runner may go; absent while the alias keeps it anyway.
    private static @Nullable Integer countdown(
            RunnerView runner, @Nullable Alias alias, Instant now) {
        Instant idle = runner.idleSince();
        if (idle == null
                || alias == null
                || alias.scale().minConcurrency() > 0
                || alias.scale().concurrencyBuffer() > 0) {
            return null;
        }
        Duration stays =
                Autoscaler.patience(alias.scale(), new Load.Idle(idle, runner.everServed()));
        Duration left = Duration.between(now, idle.plus(stays));
        return seconds(left.isNegative() ? Duration.ZERO : left);
    }

    private static RunnerInfo.ReplaceState replacement(RunnerView runner, @Nullable Alias alias) {
        return switch (runner.state()) {
            case RunnerState.Draining draining -> replaced(draining.reason());
            case RunnerState.Terminating terminating -> replaced(terminating.reason());
            case RunnerState.Stopped stopped -> replaced(stopped.reason());
            case RunnerState.Pending ignored -> outdated(runner, alias);
            case RunnerState.Setup ignored -> outdated(runner, alias);
            case RunnerState.Ready ignored -> outdated(runner, alias);
        };
    }

    private static RunnerInfo.ReplaceState replaced(StopReason reason) {
        return reason.code() == StopReason.Code.REPLACED
                ? RunnerInfo.ReplaceState.DID_REPLACE
                : RunnerInfo.ReplaceState.NO_REPLACE;
    }

    private static RunnerInfo.ReplaceState outdated(RunnerView runner, @Nullable Alias alias) {
        return alias != null && runner.generation() < alias.generation()
                ? RunnerInfo.ReplaceState.WILL_REPLACE
                : RunnerInfo.ReplaceState.NO_REPLACE;
    }

    private static Struct metadata(RunnerView runner) {
        return Struct.newBuilder()
                .putFields("present_in_group", Value.newBuilder().setBoolValue(true).build())
                .putFields("isolation", text(runner.isolation()))
                .putFields("started", text(runner.started()))
                .putFields("stop_reason", text(stopReason(runner)))
                .build();
    }

    private static String stopReason(RunnerView runner) {
        return runner.state() instanceof RunnerState.Stopped stopped
                ? stopped.reason().code().name().toLowerCase(java.util.Locale.ROOT)
                : "";
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }

    private static int seconds(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE, duration.toSeconds());
    }
}
