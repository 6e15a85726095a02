package mews.control;

import java.util.function.Consumer;
import mews.deploy.Aliases;
import mews.deploy.Deployer;
import mews.deploy.Deployment;
import mews.logs.LogQuery;
import mews.logs.Logs;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Caller;
import mews.model.DeploymentStrategy;
import mews.model.LogLine;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.RegisterApplicationResult;
import mews.wire.proto.RegisterApplicationResultType;

/// Deploys. protocol: control 2.6
final class RegisterCalls {
    private final Deployer deployer;
    private final Aliases aliases;
    private final Logs logs;
    private final Names names;
    private final Specs specs;
    private final Preflight preflight;

    RegisterCalls(Deployment deployment, Logs logs, Names names, Specs specs, Preflight preflight) {
        this.deployer = deployment.deployer();
        this.aliases = deployment.aliases();
        this.logs = logs;
        this.names = names;
        this.specs = specs;
        this.preflight = preflight;
    }

    void register(
            Caller caller,
            RegisterApplicationRequest request,
            Answer<RegisterApplicationResult> answer)
            throws InterruptedException {
        RevisionSpec spec = specs.read(Asked.of(request));
        AppName app = names.app(caller, request.getApplicationName(), request.getEnvironmentName());
        preflight.files(spec.files());
        preflight.secrets(caller, app.environment(), spec.secrets());
        Consumer<LogLine> lines =
                line ->
                        answer.offer(
                                RegisterApplicationResult.newBuilder()
                                        .addLogs(Words.log(line))
                                        .build());
        Deployer.Registration registration = registration(app, spec, request);
        Revision revision = answer.interruptibly(() -> deployer.deploy(registration, lines));
        // Clients that do not say print "deployed" when this returns, so it had better be true.
        boolean attach = !request.hasAttachToDeployment() || request.getAttachToDeployment();
        if (attach) {
            attend(caller, revision, lines, answer);
        }
        // Clients stop at the first message with a result and look for URLs only there.
        answer.send(
                RegisterApplicationResult.newBuilder()
                        .setResult(
                                RegisterApplicationResultType.newBuilder()
                                        .setApplicationId(revision.id().toString()))
                        .setServiceUrls(Urls.of(answer.addresses(), app))
                        .setEnvId(revision.image().key())
                        .build());
    }

    private void attend(
            Caller caller,
            Revision revision,
            Consumer<LogLine> lines,
            Answer<RegisterApplicationResult> answer)
            throws InterruptedException {
        AppName app = revision.app();
        boolean coming =
                aliases.find(app).map(Alias::next).filter(revision.id()::equals).isPresent();
        if (!coming) {
            return;
        }
        LogQuery query = LogQuery.of(caller.account()).withApp(app);
        Consumer<LogLine> own =
                line -> {
                    if (revision.id().equals(line.revision())) {
                        lines.accept(line);
                    }
                };
        try (Tail _ = Tail.of(logs, query, own)) {
            answer.interruptibly(() -> {
                deployer.awaitServing(app, revision.id());
                return app;
            });
            logs.flush();
        }
    }

    private static Deployer.Registration registration(
            AppName app, RevisionSpec spec, RegisterApplicationRequest request) {
        return new Deployer.Registration(
                app,
                spec,
                request.hasAuthMode() ? Words.auth(request.getAuthMode()) : null,
                request.hasDeploymentStrategy()
                        ? Words.strategy(request.getDeploymentStrategy())
                        : DeploymentStrategy.ROLLING,
                request.getScale(),
                Environments.only(request.getEnvironmentsList()).getForce());
    }
}
