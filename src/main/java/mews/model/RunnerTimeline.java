package mews.model;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// When a runner entered each state; null for states it was never in, or not yet.
///
/// @param exitCode 128 + signal if it was killed; null if its process was never seen to end
/// @param reason why it goes or went; null while nothing makes it go
/// @param served whether it ever got a request; known of ended runners only
public record RunnerTimeline(
        UUID id,
        AppName app,
        UUID revision,
        int generation,
        String machineType,
        int slots,
        String isolation,
        Instant createdAt,
        @Nullable Instant setupAt,
        @Nullable Instant readyAt,
        @Nullable Instant drainingAt,
        @Nullable Instant terminatingAt,
        @Nullable Instant stoppedAt,
        @Nullable StopReason reason,
        @Nullable Integer exitCode,
        boolean served) {
    /// When it ceased to be on its way up or ready; null while it is.
    public @Nullable Instant leftAt() {
        return drainingAt != null ? drainingAt : terminatingAt != null ? terminatingAt : stoppedAt;
    }

    /// The same on its way out.
    public RunnerTimeline leaving(StopReason why) {
        return new RunnerTimeline(
                id,
                app,
                revision,
                generation,
                machineType,
                slots,
                isolation,
                createdAt,
                setupAt,
                readyAt,
                drainingAt,
                terminatingAt,
                stoppedAt,
                why,
                exitCode,
                served);
    }

    /// From its order until it was ready; null if it never was.
    public @Nullable Duration startTime() {
        return readyAt == null ? null : Duration.between(createdAt, readyAt);
    }
}
