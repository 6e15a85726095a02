package mews.fleet;

import java.io.IOException;
import java.time.Instant;
import java.util.function.Supplier;
import mews.model.Refusal;
import mews.sandbox.Visit;

/// The process of one runner with everything that was made for it: folders, sockets, key, door and
/// log readers. Closing it gives all of it back.
final class RunnerProcess implements AutoCloseable {
    private final Berth berth;
    private final LogIntake logs;
    private final Supplier<Surroundings> joined;
    private final Closing closing;

    /// @param joined what a command finds that joins it; most runners are never joined
    RunnerProcess(Berth berth, LogIntake logs, Supplier<Surroundings> joined, Closing closing) {
        this.berth = berth;
        this.logs = logs;
        this.joined = joined;
        this.closing = closing;
    }

    /// Starts the process of a runner; what it says and its end go to `runner` as events.
    ///
    /// @param plainly whether it must not be forked
    /// @throws IOException if something that it needs cannot be made, saying what
    /// @throws mews.model.Refusal if a secret, an interpreter or the like is missing
    static RunnerProcess start(Ground ground, Runner runner, Berths berths, boolean plainly)
            throws IOException {
        Closing closing = new Closing(runner.id());
        try {
            return new RunnerStart(ground, runner, berths, plainly, closing).start();
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    Workplace place() {
        return berth.place();
    }

    LogIntake logs() {
        return logs;
    }

    /// When the sandbox was asked to start it.
    Instant launched() {
        return berth.launched();
    }

    Way way() {
        return berth.way();
    }

    /// @throws Refusal with the reason if it cannot be joined
    RunnerShell shell(Ground ground, RunnerShell.Wish wish) {
        RunnerShell.Size terminal = wish.terminal();
        Surroundings surroundings = joined.get();
        String minor = ground.environments().anyInterpreter().minor();
        try {
            return new RunnerShell(
                    ground.sandbox()
                            .enter(
                                    berth.process(),
                                    new Visit.Wish(
                                            wish.command(),
                                            surroundings.forTerminal(terminal),
                                            surroundings.workdir(),
                                            terminal == null ? null : terminal.inside(),
                                            ground.environments().interpreter(minor))));
        } catch (IOException e) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "no command can be run in this runner: " + e.getMessage());
        }
    }

    void terminate() {
        berth.process().terminate();
    }

    void kill() {
        berth.process().kill();
    }

    @Override
    public void close() {
        closing.close();
    }
}
