package mews.fleet;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import mews.model.Endpoint;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.RunnerState;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import mews.model.Timeouts;
import mews.sandbox.SandboxProcess;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One runner from start to end: one thread takes its events one after another and moves its state.
/// protocol: platform 1, 6
final class RunnerLife {
    private static final Logger LOG = LoggerFactory.getLogger(RunnerLife.class);

    /// Between SIGKILL and giving up on a process that the kernel does not let go.
    private static final Duration AFTER_KILL = Duration.ofSeconds(10);

    /// For a process that said it is over to end by itself.
    private static final Duration ENDS_BY_ITSELF = Duration.ofSeconds(5);

    private static final SandboxProcess.Exit NEVER_SEEN = new SandboxProcess.Exit(137, false);

    private final Ground ground;
    private final Runner runner;
    private final Berths berths;
    private final ForkTrial trial;
    private final News news;
    private final Chronicle chronicle;
    private final JobResult job;
    private @Nullable StopReason cause;
    private Message.@Nullable Elsewhere elsewhere;
    private @Nullable Instant deadline;
    private boolean killed;
    private boolean wasReady;

    /// How a process ended.
    private record End(SandboxProcess.Exit exit, Way way, LogIntake logs) {}

    RunnerLife(Ground ground, Runner runner, ForkTrial.Warm warm, News news, Chronicle chronicle) {
        this.ground = ground;
        this.runner = runner;
        this.berths = warm.berths();
        this.trial = new ForkTrial(runner, warm);
        this.news = news;
        this.chronicle = chronicle;
        this.job = new JobResult(runner.order().job());
    }

    /// Lives the whole life; returns when the runner is Stopped and everything was given back.
    void run() {
        chronicle.ordered();
        SandboxProcess.Exit exit = null;
        StopReason reason;
        try {
            End end = attempt(false);
            if (trial.again(end.logs())) {
                runner.forgetProcess();
                end = attempt(true);
            }
            exit = end.exit();
            String lastWords = end.logs().lastWords();
            reason = Diagnosis.of(cause, exit, wasReady, runner.order().machine(), lastWords);
            trial.stopped(end.way(), reason, wasReady);
        } catch (Refusal | IOException e) {
            reason =
                    new StopReason(Code.SETUP_FAILED, "it could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reason = StopReason.of(Code.SERVER_GONE);
        } catch (RuntimeException e) {
            LOG.error("runner failed inside the server runner_id={}", runner.id(), e);
            reason = new StopReason(Code.SETUP_FAILED, "the server could not run it; see its log");
        }
        chronicle.stopped(reason, exit == null ? null : exit.code(), now());
        job.tell(reason);
    }

    private End attempt(boolean plainly) throws IOException, InterruptedException {
        RunnerProcess process = RunnerProcess.start(ground, runner, berths, plainly);
        try (process) {
            chronicle.started(process.way());
            runner.runsAs(process);
            return new End(live(process), process.way(), process.logs());
        } finally {
            runner.runsAs(null);
        }
    }

    private SandboxProcess.Exit live(RunnerProcess process) throws InterruptedException {
        chronicle.phases().begin("sandbox", process.launched());
        deadline = runner.createdAt().plus(runner.order().startup());
        if (!(runner.state() instanceof RunnerState.Setup)) {
            chronicle.entered(new RunnerState.Setup(now()));
        }
        try {
            while (true) {
                Event event = runner.next(patience());
                if (event instanceof Event.Exited(SandboxProcess.Exit exit)) {
                    trial.exited(process, exit);
                    return exit;
                }
                if (trial.inVain() && Runner.ofProcess(event)) {
                    continue;
                }
                if (event == null && killed) {
                    return NEVER_SEEN;
                }
                react(event, process);
            }
        } finally {
            HealthWatch health = runner.health();
            if (health != null) {
                health.close();
            }
        }
    }

    private void react(@Nullable Event event, RunnerProcess process) {
        switch (event) {
            case null -> overdue(process);
            case Event.Said(Message message) -> heard(message, process);
            case Event.Drain(StopReason reason) -> drain(reason, process);
            case Event.Kill(StopReason reason) -> kill(reason, process);
            case Event.Quiet() -> quiet(process);
            case Event.Well() -> ready(process);
            case Event.Unwell(String detail) -> trial.unwell(process, detail);
            case Event.Sick(String detail) ->
                    terminate(new StopReason(Code.UNHEALTHY, detail), process);
            case Event.Exited exited -> {}
        }
    }

    /// The deadline of the present state passed.
    private void overdue(RunnerProcess process) {
        switch (runner.state()) {
            case RunnerState.Pending pending -> {}
            case RunnerState.Ready ready -> {}
            case RunnerState.Stopped stopped -> {}
            case RunnerState.Setup setup ->
                    terminate(
                            Diagnosis.startupTimedOut(
                                    runner.order(), elsewhere, chronicle.phases().running(now())),
                            process);
            case RunnerState.Draining draining -> terminate(draining.reason(), process);
            case RunnerState.Terminating(StopReason reason, Instant end, Instant since) ->
                    kill(reason, process);
        }
    }

    private void heard(Message message, RunnerProcess process) {
        switch (message) {
            case Message.Hello(long pid, String python) ->
                    LOG.debug("runner connected runner_id={} python={}", runner.id(), python);
            case Message.Phase(String name, Instant began) -> chronicle.phases().begin(name, began);
            case Message.Ready(Instant at) -> listening(process);
            case Message.Result result -> finished(result, process);
            case Message.Elsewhere listens -> elsewhere = listens;
            case Message.Failed(String phase, String text) -> {
                if (!trial.failed(process, text)) {
                    failed(phase, text, process);
                }
            }
            case Message.Imports(List<String> modules) -> trial.learned(modules);
            // Parents alone say that setup() was run.
            case Message.SetUp setUp -> {}
            case Message.Bye() -> {}
        }
    }

    /// The app listens; it is ready once its health check, if it has one, passed.
    private void listening(RunnerProcess process) {
        if (!(runner.state() instanceof RunnerState.Setup)) {
            return;
        }
        if (!runner.served()) {
            ready(process);
            return;
        }
        try {
            process.place().claimEndpoint();
        } catch (IOException e) {
            terminate(
                    new StopReason(
                            Code.SETUP_FAILED, "its socket cannot be used: " + e.getMessage()),
                    process);
            return;
        }
        runner.watch(process.place().endpoint(), ground.clock());
    }

    private void ready(RunnerProcess process) {
        if (runner.state() instanceof RunnerState.Setup setup) {
            wasReady = true;
            deadline = null;
            Endpoint endpoint = new Endpoint(process.place().endpoint().toString());
            chronicle.entered(setup.ready(endpoint, now()));
            trial.cameUp(process);
        }
    }

    private void finished(Message.Result result, RunnerProcess process) {
        if (!job.wanted()) {
            if (!result.raised() && runner.view().everServed()) {
                leave(new StopReason(Code.FINISHED, "its server ended by itself"));
            } else {
                failed("serve", Diagnosis.endedServing(result.raised()), process);
            }
            return;
        }
        try {
            job.hold(result, process.place().socket("result"));
            leave(StopReason.of(Code.FINISHED));
        } catch (IOException e) {
            failed("result", "its result cannot be read: " + e.getMessage(), process);
        }
    }

    private void failed(String phase, String text, RunnerProcess process) {
        if (text.startsWith("MemoryError")) {
            leave(Diagnosis.outOfMemory(runner.order().machine()));
            return;
        }
        leave(Diagnosis.failed(phase, process.logs().mask(text), wasReady));
    }

    /// The process said that it is over; it gets a moment to end by itself.
    private void leave(StopReason reason) {
        if (runner.state() instanceof RunnerState.Terminating) {
            return;
        }
        cause = reason;
        Instant now = now();
        deadline = now.plus(ENDS_BY_ITSELF);
        chronicle.entered(new RunnerState.Terminating(reason, deadline, now));
    }

    private void drain(StopReason reason, RunnerProcess process) {
        if (runner.state() instanceof RunnerState.Ready ready && runner.served()) {
            Instant now = now();
            Instant end = now.plus(patienceWithRequests());
            deadline = end;
            chronicle.entered(ready.drain(reason, end, now));
            // Once the one who gives out requests has heard it, the count can only go down.
            news.afterwards(() -> runner.post(new Event.Quiet()));
        } else if (!(runner.state() instanceof RunnerState.Draining)) {
            terminate(reason, process);
        }
    }

    /// As long as the setting in force lets a request take. A drain has to end, even of an app
    /// whose requests may take as long as they like.
    private Duration patienceWithRequests() {
        Revision revision = runner.order().revision();
        Duration request =
                ground.requestTimeouts()
                        .apply(revision.app())
                        .orElse(revision.spec().timeouts().request());
        return request.isZero() ? Timeouts.DEFAULT.request() : request;
    }

    private void quiet(RunnerProcess process) {
        if (runner.state() instanceof RunnerState.Draining draining && runner.inFlight() == 0) {
            terminate(draining.reason(), process);
        }
    }

    private void terminate(StopReason reason, RunnerProcess process) {
        if (runner.state() instanceof RunnerState.Terminating) {
            return;
        }
        cause = reason;
        Instant now = now();
        deadline = now.plus(runner.order().revision().spec().timeouts().grace());
        chronicle.entered(new RunnerState.Terminating(reason, deadline, now));
        process.terminate();
    }

    private void kill(StopReason reason, RunnerProcess process) {
        if (cause == null) {
            cause = reason;
        }
        Instant now = now();
        killed = true;
        deadline = now.plus(AFTER_KILL);
        if (!(runner.state() instanceof RunnerState.Terminating)) {
            chronicle.entered(new RunnerState.Terminating(cause, deadline, now));
        }
        process.kill();
    }

    private @Nullable Duration patience() {
        return deadline == null ? null : Duration.between(now(), deadline);
    }

    private Instant now() {
        return ground.clock().instant();
    }
}
