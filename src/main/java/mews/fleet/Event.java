package mews.fleet;

import mews.model.StopReason;
import mews.sandbox.SandboxProcess;

/// What moves a runner on.
sealed interface Event {
    /// The runner said something on its control socket.
    record Said(Message message) implements Event {}

    record Exited(SandboxProcess.Exit exit) implements Event {}

    record Drain(StopReason reason) implements Event {}

    record Kill(StopReason reason) implements Event {}

    /// Perhaps nothing is in flight any more.
    record Quiet() implements Event {}

    /// A health check says that it must go.
    record Sick(String detail) implements Event {}

    /// It listens, but its health check failed as often as counts, and never passed.
    record Unwell(String detail) implements Event {}

    /// The health check that readiness waits for passed.
    record Well() implements Event {}
}
