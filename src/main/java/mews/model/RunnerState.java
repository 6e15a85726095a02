package mews.model;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Where a runner is in its life. protocol: platform 1
public sealed interface RunnerState {
    /// When it entered this state.
    Instant since();

    /// Why it is on its way out, or gone; null while nothing makes it go.
    default @Nullable StopReason leaving() {
        return switch (this) {
            case Pending pending -> null;
            case Setup setup -> null;
            case Ready ready -> null;
            case Draining draining -> draining.reason();
            case Terminating terminating -> terminating.reason();
            case Stopped stopped -> stopped.reason();
        };
    }

    /// Waiting for a place.
    record Pending(Instant since) implements RunnerState {
        public Setup started(Instant now) {
            return new Setup(now);
        }

        public Stopped failed(StopReason reason, Instant now) {
            return new Stopped(reason, now);
        }
    }

    /// The process runs; `setup()` has not finished.
    record Setup(Instant since) implements RunnerState {
        public Ready ready(Endpoint endpoint, Instant now) {
            return new Ready(endpoint, now);
        }

        public Stopped failed(StopReason reason, Instant now) {
            return new Stopped(reason, now);
        }
    }

    /// Takes requests, up to max_multiplexing at a time.
    record Ready(Endpoint endpoint, Instant since) implements RunnerState {
        public Draining drain(StopReason reason, Instant deadline, Instant now) {
            return new Draining(endpoint, reason, deadline, now);
        }
    }

    /// Finishes what it has, takes nothing new; killed at the deadline.
    record Draining(Endpoint endpoint, StopReason reason, Instant deadline, Instant since)
            implements RunnerState {}

    /// SIGTERM was sent; `teardown()` may run until the deadline.
    record Terminating(StopReason reason, Instant deadline, Instant since) implements RunnerState {}

    /// The process is gone.
    record Stopped(StopReason reason, Instant since) implements RunnerState {}
}
