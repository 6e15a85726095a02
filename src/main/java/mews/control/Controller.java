package mews.control;

import static mews.control.Calls.many;
import static mews.control.Calls.one;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.vertx.core.Vertx;
import java.util.Objects;
import mews.wire.proto.*;

/// The service, method by method. protocol: control 2.2
final class Controller extends IsolateControllerGrpc.IsolateControllerImplBase {
    private final BuildCalls builds;
    private final RunCalls runs;
    private final RegisterCalls registrations;
    private final AppCalls apps;
    private final RunnerCalls runners;
    private final ShellCalls shells;
    private final AccountCalls accounts;

    Controller(
            BuildCalls builds,
            RunCalls runs,
            RegisterCalls registrations,
            AppCalls apps,
            RunnerCalls runners,
            ShellCalls shells,
            AccountCalls accounts) {
        this.builds = builds;
        this.runs = runs;
        this.registrations = registrations;
        this.apps = apps;
        this.runners = runners;
        this.shells = shells;
        this.accounts = accounts;
    }

    @Override
    public void buildEnvironment(
            BuildEnvironmentRequest request, StreamObserver<BuildEnvironmentResult> observer) {
        many(observer, (caller, answer) -> builds.build(caller, request, answer));
    }

    @Override
    public void run(HostedRun request, StreamObserver<HostedRunResult> observer) {
        many(observer, (caller, answer) -> runs.run(caller, request, answer));
    }

    @Override
    public void registerApplication(
            RegisterApplicationRequest request,
            StreamObserver<RegisterApplicationResult> observer) {
        many(observer, (caller, answer) -> registrations.register(caller, request, answer));
    }

    @Override
    public void map(HostedMap request, StreamObserver<HostedRunResult> observer) {
        many(
                observer,
                (caller, answer) -> {
                    throw unoffered("Map").asRuntimeException();
                });
    }

    @Override
    public StreamObserver<InteractiveRunRequest> interactiveRun(
            StreamObserver<InteractiveRunResponse> observer) {
        return refused(observer, unoffered("InteractiveRun"));
    }

    @Override
    public StreamObserver<ShellRunnerInput> shellRunner(
            StreamObserver<ShellRunnerOutput> observer) {
        return shells.open(observer);
    }

    @Override
    public void createUserKey(
            CreateUserKeyRequest request, StreamObserver<CreateUserKeyResponse> observer) {
        one(observer, caller -> accounts.createKey(caller, request));
    }

    @Override
    public void listUserKeys(
            ListUserKeysRequest request, StreamObserver<ListUserKeysResponse> observer) {
        one(observer, accounts::listKeys);
    }

    @Override
    public void revokeUserKey(
            RevokeUserKeyRequest request, StreamObserver<RevokeUserKeyResponse> observer) {
        one(observer, caller -> accounts.revokeKey(caller, request));
    }

    @Override
    public void updateApplication(
            UpdateApplicationRequest request, StreamObserver<UpdateApplicationResult> observer) {
        one(observer, caller -> apps.update(caller, request));
    }

    @Override
    public void listApplications(
            ListApplicationsRequest request, StreamObserver<ListApplicationsResult> observer) {
        one(observer, caller -> apps.revisions(caller, request));
    }

    @Override
    public void deleteApplication(
            DeleteApplicationRequest request, StreamObserver<DeleteApplicationResult> observer) {
        one(observer, caller -> apps.deleteRevision(caller, request));
    }

    @Override
    public void rolloutApplication(
            RolloutApplicationRequest request, StreamObserver<RolloutApplicationResult> observer) {
        one(observer, caller -> apps.rollout(caller, request));
    }

    @Override
    public void setAlias(SetAliasRequest request, StreamObserver<SetAliasResult> observer) {
        one(observer, caller -> apps.point(caller, request));
    }

    @Override
    public void deleteAlias(
            DeleteAliasRequest request, StreamObserver<DeleteAliasResult> observer) {
        one(observer, caller -> apps.delete(caller, request));
    }

    @Override
    public void listAliases(
            ListAliasesRequest request, StreamObserver<ListAliasesResult> observer) {
        one(observer, caller -> apps.list(caller, request));
    }

    @Override
    public void setSecret(SetSecretRequest request, StreamObserver<SetSecretResponse> observer) {
        one(observer, caller -> accounts.setSecret(caller, request));
    }

    @Override
    public void listSecrets(
            ListSecretsRequest request, StreamObserver<ListSecretsResponse> observer) {
        one(observer, caller -> accounts.listSecrets(caller, request));
    }

    @Override
    public void listAliasRunners(
            ListAliasRunnersRequest request, StreamObserver<ListAliasRunnersResponse> observer) {
        one(observer, caller -> runners.ofAlias(caller, request));
    }

    @Override
    public void listRunners(
            ListRunnersRequest request, StreamObserver<ListRunnersResponse> observer) {
        one(observer, caller -> runners.list(caller, request));
    }

    @Override
    public void stopRunner(StopRunnerRequest request, StreamObserver<StopRunnerResponse> observer) {
        one(observer, caller -> runners.stop(caller, request));
    }

    @Override
    public void killRunner(KillRunnerRequest request, StreamObserver<KillRunnerResponse> observer) {
        one(observer, caller -> runners.kill(caller, request));
    }

    @Override
    public void listEnvironments(
            ListEnvironmentsRequest request, StreamObserver<ListEnvironmentsResponse> observer) {
        one(observer, accounts::listEnvironments);
    }

    @Override
    public void createEnvironment(
            CreateEnvironmentRequest request, StreamObserver<CreateEnvironmentResponse> observer) {
        one(observer, caller -> accounts.createEnvironment(caller, request));
    }

    @Override
    public void deleteEnvironment(
            DeleteEnvironmentRequest request, StreamObserver<DeleteEnvironmentResponse> observer) {
        one(observer, caller -> accounts.deleteEnvironment(caller, request));
    }

    private static Status unoffered(String method) {
        return Status.UNIMPLEMENTED.withDescription(
                method + " is not offered by this server; use Run");
    }

    /// Ends the call a moment later: the bridge cannot be closed from within the start of a call.
    private static <Q, R> StreamObserver<Q> refused(StreamObserver<R> observer, Status status) {
        Objects.requireNonNull(Vertx.currentContext())
                .runOnContext(ignored -> observer.onError(status.asRuntimeException()));
        return new StreamObserver<>() {
            @Override
            public void onNext(Q message) {}

            @Override
            public void onError(Throwable failure) {}

            @Override
            public void onCompleted() {}
        };
    }
}
