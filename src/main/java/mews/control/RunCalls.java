package mews.control;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import mews.control.RunnerNews.Event;
import mews.deploy.Deployer;
import mews.logs.LogQuery;
import mews.logs.Logs;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.Caller;
import mews.model.LogLine;
import mews.model.Refusal;
import mews.model.RevisionSpec;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.ScalePolicy;
import mews.model.StopReason;
import mews.wire.proto.HostedRun;
import mews.wire.proto.HostedRunResult;
import mews.wire.proto.HostedRunStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs an app with a URL for as long as its caller stays. protocol: control 2.5
final class RunCalls {
    private static final Logger LOG = LoggerFactory.getLogger(RunCalls.class);

    private final Deployer deployer;
    private final Logs logs;
    private final RunnerNews news;
    private final Names names;
    private final Specs specs;
    private final Preflight preflight;
    private final JobCalls jobs;

    RunCalls(
            Deployer deployer,
            Logs logs,
            RunnerNews news,
            Names names,
            Specs specs,
            Preflight preflight,
            JobCalls jobs) {
        this.deployer = deployer;
        this.logs = logs;
        this.news = news;
        this.names = names;
        this.specs = specs;
        this.preflight = preflight;
        this.jobs = jobs;
    }

    void run(Caller caller, HostedRun request, Answer<HostedRunResult> answer)
            throws InterruptedException {
        RevisionSpec spec = specs.read(Asked.of(request));
        String environment = names.environment(caller, request.getEnvironmentName());
        preflight.files(spec.files());
        preflight.secrets(caller, environment, spec.secrets());
        String name = names.runName(caller, request.getApplicationName(), environment);
        boolean force = Environments.only(request.getEnvironmentsList()).getForce();
        if (JobCalls.isJob(spec)) {
            jobs.run(caller, name, spec, force, answer);
        } else {
            AuthMode auth =
                    request.hasAuthMode() ? Words.auth(request.getAuthMode()) : AuthMode.PUBLIC;
            serve(caller, name, warm(spec), auth, answer);
        }
    }

    private void serve(
            Caller caller,
            String name,
            RevisionSpec spec,
            AuthMode auth,
            Answer<HostedRunResult> answer)
            throws InterruptedException {
        Consumer<LogLine> lines = line -> answer.offer(message(line).build());
        Alias alias =
                answer.interruptibly(() -> deployer.run(caller.account(), name, spec, auth, lines));
        try {
            attend(alias.app(), caller, lines, answer);
        } finally {
            remove(alias.app());
        }
    }

    private void attend(
            AppName app, Caller caller, Consumer<LogLine> lines, Answer<HostedRunResult> answer)
            throws InterruptedException {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        answer.hangup().listen(() -> events.add(new Event.CallerGone()));
        LogQuery query = LogQuery.of(caller.account()).withApp(app);
        try (var _ = news.watch(app, events::add);
                var _ = Tail.of(logs, query, lines)) {
            answer.send(
                    HostedRunResult.newBuilder()
                            .setRunId(app.alias())
                            .setServiceUrls(Urls.of(answer.addresses(), app))
                            .setStatus(status(HostedRunStatus.State.IN_PROGRESS))
                            .build());
            untilItEnds(app, events, answer);
            logs.flush();
        }
    }

    private void untilItEnds(
            AppName app, BlockingQueue<Event> events, Answer<HostedRunResult> answer)
            throws InterruptedException {
        Set<UUID> ready = new HashSet<>();
        while (true) {
            switch (events.take()) {
                case Event.CallerGone ignored -> {
                    return;
                }
                case Event.AliasGone ignored ->
                        throw new Refusal(
                                Refusal.Kind.FAILED_PRECONDITION,
                                "run '%s' was ended: the app was deleted".formatted(app.alias()));
                case Event.Runner(RunnerView view) -> {
                    if (view.state() instanceof RunnerState.Ready) {
                        ready.add(view.id());
                    }
                    StopReason why = ending(view);
                    if (why != null) {
                        ready.remove(view.id());
                        if (over(view, why, ready)) {
                            answer.send(
                                    HostedRunResult.newBuilder()
                                            .setRunId(app.alias())
                                            .setStatus(status(HostedRunStatus.State.SUCCESS))
                                            .build());
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Why a runner ends, as soon as it is known; null while it lives. A start that took too long
    /// is told at once and not only after its grace period.
    private static @Nullable StopReason ending(RunnerView view) {
        return switch (view.state()) {
            case RunnerState.Stopped(StopReason why, _) -> why;
            case RunnerState.Terminating terminating when terminating.reason().startFailure() ->
                    terminating.reason();
            default -> null;
        };
    }

    /// Whether the end of this runner is the end of the run: as with a program, the app's own end
    /// is.
    ///
    /// @throws Refusal if it died, and no other is ready
    private boolean over(RunnerView view, StopReason why, Set<UUID> ready) {
        if (why.code() == StopReason.Code.FINISHED) {
            return true;
        }
        if (ready.isEmpty() && why.startFailure()) {
            logs.flush();
            throw JobCalls.died(view.machineType(), why);
        }
        return false;
    }

    private void remove(AppName app) {
        try {
            deployer.remove(app);
        } catch (Refusal e) {
            LOG.debug("run was removed before alias={}", app, e);
        }
    }

    /// A run comes up at once, so that its caller sees `setup()` and its errors.
    private static RevisionSpec warm(RevisionSpec spec) {
        ScalePolicy asked = spec.scale();
        ScalePolicy scale =
                new ScalePolicy(
                        Math.max(1, asked.minConcurrency()),
                        asked.maxConcurrency(),
                        asked.maxMultiplexing(),
                        asked.concurrencyBuffer(),
                        asked.concurrencyBufferPerc(),
                        asked.scalingDelay(),
                        asked.keepAlive());
        return spec.withScale(scale);
    }

    static HostedRunResult.Builder message(LogLine line) {
        return HostedRunResult.newBuilder()
                .setStatus(status(HostedRunStatus.State.IN_PROGRESS))
                .addLogs(Words.log(line));
    }

    static HostedRunStatus status(HostedRunStatus.State state) {
        return HostedRunStatus.newBuilder().setState(state).build();
    }
}
