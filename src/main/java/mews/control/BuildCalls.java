package mews.control;

import java.util.List;
import java.util.function.Consumer;
import mews.build.EnvironmentBuilder;
import mews.model.AppFile;
import mews.model.Caller;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.MachineKind;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.BuildEnvironmentResult;
import mews.wire.proto.File;
import mews.wire.proto.HostedRunStatus;
import org.jspecify.annotations.Nullable;

/// Builds an environment while its caller watches. protocol: control 2.4
final class BuildCalls {
    private final EnvironmentBuilder builder;
    private final Names names;
    private final Machines machines;
    private final Preflight preflight;

    BuildCalls(EnvironmentBuilder builder, Names names, Machines machines, Preflight preflight) {
        this.builder = builder;
        this.names = names;
        this.machines = machines;
        this.preflight = preflight;
    }

    void build(
            Caller caller, BuildEnvironmentRequest request, Answer<BuildEnvironmentResult> answer)
            throws InterruptedException {
        EnvironmentSpec spec = Environments.spec(request.getEnvironmentsList());
        EnvironmentBuilder.Order order =
                order(
                        caller.account(),
                        names.environment(caller, request.getEnvironmentName()),
                        request.hasApplicationName() ? request.getApplicationName() : null,
                        spec,
                        machines.kind(request.getMachineRequirements()),
                        request.getFilesList(),
                        Environments.only(request.getEnvironmentsList()).getForce());
        preflight.files(order.files());
        Consumer<LogLine> lines =
                line ->
                        answer.offer(
                                BuildEnvironmentResult.newBuilder()
                                        .addLogs(Words.log(line))
                                        .build());
        Image image = answer.interruptibly(() -> builder.build(order, lines));
        answer.send(
                BuildEnvironmentResult.newBuilder()
                        .setEnvId(image.key())
                        .setStatus(
                                HostedRunStatus.newBuilder()
                                        .setState(HostedRunStatus.State.SUCCESS))
                        .build());
    }

    private static EnvironmentBuilder.Order order(
            String account,
            String environment,
            @Nullable String app,
            EnvironmentSpec spec,
            MachineKind machine,
            List<File> files,
            boolean force) {
        // App files of a virtualenv are the runner's business and no part of the environment.
        List<AppFile> context =
                spec.kind().equals("container")
                        ? files.stream().map(Asked::file).toList()
                        : List.of();
        return new EnvironmentBuilder.Order(
                account, environment, app, spec, machine, context, force);
    }
}
