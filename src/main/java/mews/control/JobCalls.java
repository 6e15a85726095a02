package mews.control;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import mews.base.Ids;
import mews.build.EnvironmentBuilder;
import mews.deploy.AppNames;
import mews.fleet.Fleet;
import mews.fleet.JobListener;
import mews.fleet.RunnerOrder;
import mews.logs.LogQuery;
import mews.logs.Logs;
import mews.model.AppFile;
import mews.model.AppName;
import mews.model.Callable;
import mews.model.Caller;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.MachineType;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.model.StopReason;
import mews.wire.proto.HostedRunResult;
import mews.wire.proto.HostedRunStatus;
import mews.wire.proto.SerializedObject;

/// Runs a function for its result: one runner, no URL. protocol: control 2.5, 5.5
final class JobCalls {
    /// The end of a job.
    private sealed interface End {
        record Returned(JobListener.Outcome outcome) implements End {}

        record Died(StopReason reason) implements End {}

        record CallerGone() implements End {}
    }

    private static final String PROBE = ".build_metadata";

    private final EnvironmentBuilder builder;
    private final Fleet fleet;
    private final Logs logs;
    private final Machines machines;
    private final InstantSource clock;

    JobCalls(
            EnvironmentBuilder builder,
            Fleet fleet,
            Logs logs,
            Machines machines,
            InstantSource clock) {
        this.builder = builder;
        this.fleet = fleet;
        this.logs = logs;
        this.machines = machines;
        this.clock = clock;
    }

    /// A function without a port, or the question what an entry point's endpoints are: it comes
    /// with a port and yet must not become an app.
    static boolean isJob(RevisionSpec spec) {
        boolean probe =
                spec.callable() instanceof Callable.EntryPoint(String target)
                        && target.endsWith(PROBE);
        return probe || !spec.served();
    }

    void run(
            Caller caller,
            String name,
            RevisionSpec spec,
            boolean force,
            Answer<HostedRunResult> answer)
            throws InterruptedException {
        AppName app = AppNames.ephemeral(caller.account(), name);
        MachineType machine = machines.first(spec.machineTypes());
        Consumer<LogLine> lines = line -> answer.offer(RunCalls.message(line).build());
        Image image =
                answer.interruptibly(() -> builder.build(order(app, spec, machine, force), lines));
        Revision revision =
                new Revision(Ids.next(clock), app, spec.withoutPorts(), image, clock.instant());
        LogQuery query = LogQuery.of(caller.account()).withApp(app);
        BlockingQueue<End> ends = new LinkedBlockingQueue<>();
        answer.hangup().listen(() -> ends.add(new End.CallerGone()));
        try (Tail _ = Tail.of(logs, query, lines)) {
            UUID runner = fleet.start(runner(revision, machine, ends));
            End end = ends.take();
            logs.flush();
            tell(end, runner, machine, answer);
        }
    }

    private void tell(End end, UUID runner, MachineType machine, Answer<HostedRunResult> answer) {
        switch (end) {
            case End.Returned(JobListener.Outcome outcome) ->
                    answer.send(
                            HostedRunResult.newBuilder()
                                    .setRunId(runner.toString())
                                    .setReturnValue(value(outcome))
                                    .setStatus(RunCalls.status(HostedRunStatus.State.SUCCESS))
                                    .build());
            case End.Died(StopReason reason) -> throw died(machine.name(), reason);
            case End.CallerGone ignored ->
                    fleet.drain(
                            runner,
                            new StopReason(StopReason.Code.REMOVED, "the caller went away"));
        }
    }

    private static RunnerOrder runner(
            Revision revision, MachineType machine, BlockingQueue<End> ends) {
        return new RunnerOrder(
                revision,
                0,
                machine,
                0,
                revision.spec().timeouts().startup(),
                new JobListener() {
                    @Override
                    public void finished(Outcome outcome) {
                        ends.add(new End.Returned(outcome));
                    }

                    @Override
                    public void failed(StopReason reason) {
                        ends.add(new End.Died(reason));
                    }
                });
    }

    static Refusal died(String machine, StopReason reason) {
        String what =
                reason.detail().isEmpty()
                        ? "the runner ended: "
                                + reason.code().name().toLowerCase(java.util.Locale.ROOT)
                        : reason.detail();
        boolean memory = reason.code() == StopReason.Code.OUT_OF_MEMORY;
        return new Refusal(
                Refusal.Kind.FAILED_PRECONDITION,
                memory && !what.contains(machine)
                        ? "%s (machine type %s; choose a larger one)".formatted(what, machine)
                        : what);
    }

    private static SerializedObject value(JobListener.Outcome outcome) {
        SerializedObject.Builder value =
                SerializedObject.newBuilder()
                        .setMethod(outcome.method())
                        .setDefinition(ByteString.copyFrom(outcome.definition()))
                        .setWasItRaised(outcome.raised());
        String traceback = outcome.traceback();
        return traceback == null ? value.build() : value.setStringizedTraceback(traceback).build();
    }

    private static EnvironmentBuilder.Order order(
            AppName app, RevisionSpec spec, MachineType machine, boolean force) {
        List<AppFile> context =
                spec.environment().kind().equals("container") ? spec.files() : List.of();
        return new EnvironmentBuilder.Order(
                app.owner(),
                app.environment(),
                app.alias(),
                spec.environment(),
                machine.kind(),
                context,
                force);
    }
}
