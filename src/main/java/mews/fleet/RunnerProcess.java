package mews.fleet;

import java.io.IOException;
import java.time.Instant;
import mews.sandbox.SandboxProcess;

/// The process of one runner with everything that was made for it: folders, sockets, key, door and
/// log readers. Closing it gives all of it back.
final class RunnerProcess implements AutoCloseable {
    private final Workplace place;
    private final LogIntake logs;
    private final SandboxProcess process;
    private final Instant launched;
    private final Closing closing;

    RunnerProcess(
            Workplace place,
            LogIntake logs,
            SandboxProcess process,
            Instant launched,
            Closing closing) {
        this.place = place;
        this.logs = logs;
        this.process = process;
        this.launched = launched;
        this.closing = closing;
    }

    /// Starts the process of a runner; what it says and its end go to `runner` as events.
    ///
    /// @throws IOException if something that it needs cannot be made, saying what
    /// @throws mews.model.Refusal if a secret, an interpreter or the like is missing
    static RunnerProcess start(Ground ground, Runner runner, RunnerSource source)
            throws IOException {
        Closing closing = new Closing(runner.id());
        try {
            return new RunnerStart(ground, runner, source, closing).start();
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    Workplace place() {
        return place;
    }

    LogIntake logs() {
        return logs;
    }

    /// When the sandbox was asked to start it.
    Instant launched() {
        return launched;
    }

    void terminate() {
        process.terminate();
    }

    void kill() {
        process.kill();
    }

    @Override
    public void close() {
        closing.close();
    }
}
