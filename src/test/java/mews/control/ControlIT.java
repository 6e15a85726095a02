package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import mews.fleet.JobListener;
import mews.fleet.RunnerOrder;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.LogLine;
import mews.model.Route;
import mews.model.StopReason;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.BuildEnvironmentResult;
import mews.wire.proto.CreateEnvironmentRequest;
import mews.wire.proto.CreateUserKeyRequest;
import mews.wire.proto.DeleteAliasRequest;
import mews.wire.proto.DeleteApplicationRequest;
import mews.wire.proto.DeploymentStrategy;
import mews.wire.proto.HostedRunResult;
import mews.wire.proto.HostedRunStatus;
import mews.wire.proto.KillRunnerRequest;
import mews.wire.proto.ListAliasRunnersRequest;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.ListApplicationsRequest;
import mews.wire.proto.ListEnvironmentsRequest;
import mews.wire.proto.ListRunnersRequest;
import mews.wire.proto.ListSecretsRequest;
import mews.wire.proto.ListUserKeysRequest;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.RegisterApplicationResult;
import mews.wire.proto.RevokeUserKeyRequest;
import mews.wire.proto.RolloutApplicationRequest;
import mews.wire.proto.RunnerInfo;
import mews.wire.proto.SetAliasRequest;
import mews.wire.proto.SetSecretRequest;
import mews.wire.proto.StopRunnerRequest;
import mews.wire.proto.UpdateApplicationRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ControlIT {
    private static final AppName HELLO = new AppName(ControlFixture.ACCOUNT, "hello");

    private final ControlFixture fixture = new ControlFixture();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void close() {
        fixture.close();
        threads.close();
    }

    @Test
    void onlyAnAdminKeyOpensTheDoor() {
        ListAliasesRequest any = ListAliasesRequest.getDefaultInstance();

        assertStatus(
                () -> fixture.grpc(fixture.admin.id(), "wrong").listAliases(any),
                Status.Code.UNAUTHENTICATED,
                "secret is wrong");
        assertStatus(
                () -> fixture.grpc(fixture.caller.id(), fixture.caller.secret()).listAliases(any),
                Status.Code.PERMISSION_DENIED,
                "scope ADMIN");
        assertThat(fixture.grpc().listAliases(any).getAliasesList()).isEmpty();
    }

    @Test
    void healthNeedsNoKey() {
        assertThat(
                        HealthGrpc.newBlockingStub(fixture.channel())
                                .check(HealthCheckRequest.getDefaultInstance())
                                .getStatus())
                .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void aBuildStreamsItsLogAndSucceeds() {
        List<BuildEnvironmentResult> results = all(fixture.grpc().buildEnvironment(build("flask")));

        assertThat(results.getFirst().getLogs(0).getMessage()).contains("flask");
        assertThat(results.getLast().getStatus().getState())
                .isEqualTo(HostedRunStatus.State.SUCCESS);
        assertThat(results.getLast().getEnvId()).isNotEmpty();
    }

    @Test
    void aFailedBuildExplainsItselfInTheStatus() {
        assertStatus(
                () -> all(fixture.grpc().buildEnvironment(build("impossible"))),
                Status.Code.INVALID_ARGUMENT,
                "no version of 'impossible' fits");
    }

    @Test
    void hangingUpInterruptsABuild() throws Exception {
        Context.CancellableContext call = Context.current().withCancellation();
        call.run(() -> fixture.grpc().buildEnvironment(build("endless")).next());

        call.cancel(null);

        assertThat(fixture.builder.interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aDeployAnswersWithRevisionAndUrlsInOneMessage() {
        RegisterApplicationResult last = deploy(Requests.registration("hello"));

        assertThat(last.getResult().getApplicationId()).isEqualTo(serving().toString());
        assertThat(last.getServiceUrls().getRun()).endsWith("/local/hello");
        assertThat(last.getServiceUrls().getQueue()).endsWith("/queue/local/hello");
        AliasInfo alias = aliases().getFirst();
        assertThat(alias.getAlias()).isEqualTo("hello");
        assertThat(alias.getMaxConcurrency()).isEqualTo(2);
        assertThat(alias.getKeepAlive()).isEqualTo(10);
        assertThat(alias.getRequestTimeout()).isEqualTo(3600);
        assertThat(alias.getStartupTimeout()).isEqualTo(600);
        assertThat(alias.getMachineTypesList()).containsExactly("S");
    }

    @Test
    void anAttachedDeployWaitsUntilTheNewRevisionServes() throws Exception {
        deploy(Requests.registration("hello"));
        UUID first = serving();
        Future<RegisterApplicationResult> deploying =
                threads.submit(() -> deploy(Requests.registration("hello")));
        await().until(() -> route().alias().next() != null);

        UUID next = route().alias().next();
        assertThat(deploying).isNotDone();
        fixture.deployment.deployer().promote(HELLO, next);

        assertThat(deploying.get().getResult().getApplicationId()).isEqualTo(next.toString());
        assertThat(serving()).isNotEqualTo(first).isEqualTo(next);
    }

    @Test
    void anAttachedDeployThatIsGivenUpFailsWithTheReason() throws Exception {
        deploy(Requests.registration("hello"));
        Future<?> deploying = threads.submit(() -> deploy(Requests.registration("hello")));
        await().until(() -> route().alias().next() != null);

        fixture.deployment
                .deployer()
                .abandon(HELLO, route().alias().next(), "setup() raised KeyError: 'x'");

        assertThatThrownBy(deploying::get).hasMessageContaining("setup() raised KeyError: 'x'");
    }

    @Test
    void aDetachedDeployReturnsAtOnce() {
        deploy(Requests.registration("hello"));

        RegisterApplicationResult result =
                deploy(Requests.registration("hello").setAttachToDeployment(false));

        assertThat(result.getResult().getApplicationId())
                .isEqualTo(String.valueOf(route().alias().next()));
        assertThat(aliases().getFirst().getIsRolling()).isTrue();
    }

    @Test
    void whatCannotBeDeployedIsToldBeforeAnythingIsBuilt() {
        assertRefused(
                Requests.registration("hello")
                        .setMachineRequirements(
                                Requests.served().clearMachineTypes().addMachineTypes("GPU-H10")),
                "unknown machine type 'GPU-H10'");
        assertRefused(
                Requests.registration("hello")
                        .setMachineRequirements(
                                Requests.served().setMinConcurrency(5).setMaxConcurrency(3)),
                "min_concurrency (5) must not exceed max_concurrency (3)");
        assertRefused(
                Requests.registration("hello")
                        .addFiles(
                                mews.wire.proto.File.newBuilder()
                                        .setHash("0".repeat(64))
                                        .setRelativePath("model.bin")),
                "model.bin");
        assertRefused(
                Requests.registration("hello")
                        .setSecrets(mews.wire.proto.SecretsConfig.newBuilder().addNames("TOKEN")),
                "TOKEN");
        assertRefused(Requests.registration("-x-"), "'-x-' is not allowed");
        assertThat(fixture.builder.orders).isEmpty();
    }

    @Test
    void aRunServesUntilItsCallerLeaves() {
        Context.CancellableContext call = Context.current().withCancellation();
        Iterator<HostedRunResult> results =
                callIn(call, () -> fixture.grpc().run(Requests.run("my_app").build()));
        HostedRunResult first = untilUrls(results);

        AppName app = appOf(first);
        Route route = fixture.deployment.routes().find(app);
        assertThat(app.alias()).matches("my-app-[a-z0-9]{6}");
        assertThat(route).isNotNull();
        assertThat(route.alias().auth()).isEqualTo(AuthMode.PUBLIC);
        assertThat(route.alias().scale().minConcurrency()).isEqualTo(1);

        fixture.logs.append(line(app, "hello from setup"));
        assertThat(untilLogs(results).getLogs(0).getMessage()).isEqualTo("hello from setup");

        call.cancel(null);

        await().until(() -> fixture.deployment.routes().find(app) == null);
    }

    @Test
    void aRunWhoseRunnerCannotStartFailsWithTheCause() {
        Iterator<HostedRunResult> results = fixture.grpc().run(Requests.run("hello").build());
        AppName app = appOf(untilUrls(results));
        UUID runner = start(app);

        fixture.fleet.stop(
                runner,
                new StopReason(StopReason.Code.SETUP_FAILED, "setup() raised KeyError: 'model'"));

        assertStatus(
                () -> all(results),
                Status.Code.FAILED_PRECONDITION,
                "setup() raised KeyError: 'model'");
        await().until(() -> fixture.deployment.routes().find(app) == null);
    }

    @Test
    void aRunEndsWellWhenItsServerStopsByItself() {
        Iterator<HostedRunResult> results = fixture.grpc().run(Requests.run("hello").build());
        AppName app = appOf(untilUrls(results));
        UUID runner = start(app);
        fixture.fleet.ready(runner);

        fixture.fleet.stop(runner, StopReason.of(StopReason.Code.FINISHED));

        assertThat(all(results).getLast().getStatus().getState())
                .isEqualTo(HostedRunStatus.State.SUCCESS);
    }

    @Test
    void aFunctionReturnsItsValueAndMakesNoApp() throws Exception {
        Iterator<HostedRunResult> results = fixture.grpc().run(Requests.function("add").build());
        Future<List<HostedRunResult>> all = threads.submit(() -> all(results));
        RunnerOrder order = job();
        fixture.logs.append(line(order.revision().app(), "adding"));

        finish(order, new JobListener.Outcome("cloudpickle", new byte[] {42}, false, null));

        List<HostedRunResult> messages = all.get();
        HostedRunResult last = messages.getLast();
        assertThat(last.getStatus().getState()).isEqualTo(HostedRunStatus.State.SUCCESS);
        assertThat(last.getReturnValue().getDefinition())
                .isEqualTo(ByteString.copyFrom(new byte[] {42}));
        assertThat(messages.stream().flatMap(message -> message.getLogsList().stream()))
                .anyMatch(log -> log.getMessage().equals("adding"));
        assertThat(order.slots()).isZero();
        assertThat(fixture.deployment.routes().all()).isEmpty();
    }

    @Test
    void aFunctionThatRaisesReturnsItsException() throws Exception {
        Future<List<HostedRunResult>> all =
                threads.submit(() -> all(fixture.grpc().run(Requests.function("add").build())));

        finish(job(), new JobListener.Outcome("cloudpickle", new byte[] {1}, true, "Traceback"));

        HostedRunResult last = all.get().getLast();
        assertThat(last.getReturnValue().getWasItRaised()).isTrue();
        assertThat(last.getReturnValue().getStringizedTraceback()).isEqualTo("Traceback");
    }

    @Test
    void aBigResultFits() throws Exception {
        Future<List<HostedRunResult>> all =
                threads.submit(() -> all(fixture.grpc().run(Requests.function("big").build())));

        finish(
                job(),
                new JobListener.Outcome("cloudpickle", new byte[8 * 1024 * 1024], false, null));

        assertThat(all.get().getLast().getReturnValue().getDefinition().size())
                .isEqualTo(8 * 1024 * 1024);
    }

    @Test
    void theMetadataProbeOfAnEntryPointIsAFunction() throws Exception {
        Future<List<HostedRunResult>> all =
                threads.submit(() ->
                        all(
                                fixture.grpc()
                                        .run(
                                                Requests.run("pkg.mod:App.build_metadata")
                                                        .setEntrypoint("pkg.mod:App.build_metadata")
                                                        .build())));

        RunnerOrder order = job();
        assertThat(order.revision().spec().served()).isFalse();
        assertThat(order.revision().app().alias()).startsWith("app-");
        finish(order, new JobListener.Outcome("cloudpickle", new byte[] {1}, false, null));
        all.get();
        assertThat(fixture.deployment.routes().all()).isEmpty();
    }

    @Test
    void hangingUpStopsTheRunnerOfAFunction() {
        Context.CancellableContext call = Context.current().withCancellation();
        callIn(call, () -> fixture.grpc().run(Requests.function("slow").build()));
        job();

        call.cancel(null);

        await().until(() -> fixture.fleet.live().isEmpty());
    }

    @Test
    void tuningAndRollingBackAreShown() {
        String first = deploy(Requests.registration("hello")).getResult().getApplicationId();
        deploy(Requests.registration("hello").setDeploymentStrategy(DeploymentStrategy.RECREATE));

        AliasInfo tuned =
                fixture.grpc()
                        .updateApplication(
                                UpdateApplicationRequest.newBuilder()
                                        .setApplicationName("hello")
                                        .setMaxConcurrency(7)
                                        .addMachineTypes("M")
                                        .build())
                        .getAliasInfo();
        assertThat(tuned.getMaxConcurrency()).isEqualTo(7);
        assertThat(tuned.getMachineTypesList()).containsExactly("M");

        AliasInfo back =
                fixture.grpc()
                        .setAlias(
                                SetAliasRequest.newBuilder()
                                        .setAlias("hello")
                                        .setRevision(first)
                                        .setDeploymentStrategy(DeploymentStrategy.RECREATE)
                                        .build())
                        .getAliasInfo();
        assertThat(back.getRevision()).isEqualTo(first);
        assertThat(back.getMaxConcurrency()).isEqualTo(7);
        assertThat(
                        fixture.grpc()
                                .listApplications(ListApplicationsRequest.getDefaultInstance())
                                .getApplicationsList())
                .hasSize(2);
        assertStatus(
                () ->
                        fixture.grpc()
                                .deleteApplication(
                                        DeleteApplicationRequest.newBuilder()
                                                .setApplicationId(first)
                                                .build()),
                Status.Code.FAILED_PRECONDITION,
                "in use by 'hello'");
    }

    @Test
    void deletingAnAppTellsItsRevisionAndAMissingOneIsNotFound() {
        String revision = deploy(Requests.registration("hello")).getResult().getApplicationId();
        DeleteAliasRequest request = DeleteAliasRequest.newBuilder().setAlias("hello").build();

        assertThat(fixture.grpc().deleteAlias(request).getRevision()).isEqualTo(revision);
        assertStatus(
                () -> fixture.grpc().deleteAlias(request),
                Status.Code.NOT_FOUND,
                "app 'hello' not found");
    }

    @Test
    void runnersAreListedStoppedAndReplaced() {
        deploy(Requests.registration("hello"));
        UUID busy = start(HELLO);
        fixture.fleet.ready(busy);
        fixture.fleet.inFlight(busy, 1);

        RunnerInfo info =
                fixture.grpc()
                        .listAliasRunners(
                                ListAliasRunnersRequest.newBuilder().setAlias("hello").build())
                        .getRunners(0);
        assertThat(info.getState()).isEqualTo(RunnerInfo.State.RUNNING);
        assertThat(info.getInFlightRequests()).isEqualTo(1);
        assertThat(info.getMachineType()).isEqualTo("S");

        fixture.grpc()
                .stopRunner(
                        StopRunnerRequest.newBuilder()
                                .setRunnerId(busy.toString())
                                .setReplaceFirst(true)
                                .build());
        List<UUID> ids = fixture.fleet.live().stream().map(view -> view.id()).toList();
        assertThat(ids).hasSize(2).contains(busy);
        UUID replacement = ids.stream().filter(id -> !id.equals(busy)).findFirst().orElseThrow();
        fixture.fleet.ready(replacement);
        assertThat(fixture.fleet.find(busy)).isEmpty();

        fixture.grpc()
                .killRunner(
                        KillRunnerRequest.newBuilder().setRunnerId(replacement.toString()).build());
        assertThat(fixture.fleet.live()).isEmpty();
        assertStatus(
                () ->
                        fixture.grpc()
                                .killRunner(
                                        KillRunnerRequest.newBuilder()
                                                .setRunnerId("nonsense")
                                                .build()),
                Status.Code.NOT_FOUND,
                "not found");
        assertThat(
                        fixture.grpc()
                                .listRunners(
                                        ListRunnersRequest.newBuilder()
                                                .setStartTime(Words.timestamp(Instant.EPOCH))
                                                .build())
                                .getRunnersList())
                .hasSize(2)
                .allMatch(runner -> runner.getState() == RunnerInfo.State.TERMINATED);
    }

    @Test
    void aForcedRolloutKillsOlderRunners() {
        deploy(Requests.registration("hello"));
        start(HELLO);

        fixture.grpc()
                .rolloutApplication(
                        RolloutApplicationRequest.newBuilder()
                                .setApplicationName("hello")
                                .setForce(true)
                                .build());

        assertThat(fixture.fleet.live()).isEmpty();
        assertThat(route().alias().generation()).isEqualTo(1);
    }

    @Test
    void secretsAreSetPerEnvironmentAndNeverShown() {
        fixture.grpc()
                .createEnvironment(CreateEnvironmentRequest.newBuilder().setName("qa").build());
        fixture.grpc()
                .setSecret(
                        SetSecretRequest.newBuilder()
                                .setName("TOKEN")
                                .setValue("s3cret")
                                .setEnvironmentName("qa")
                                .setDefaultExposed(false)
                                .build());

        var listed =
                fixture.grpc()
                        .listSecrets(
                                ListSecretsRequest.newBuilder().setEnvironmentName("qa").build());
        assertThat(listed.getSecrets(0).getName()).isEqualTo("TOKEN");
        assertThat(listed.getSecrets(0).getDefaultExposed()).isFalse();
        assertThat(listed.toString()).doesNotContain("s3cret");
        assertThat(
                        fixture.grpc()
                                .listSecrets(ListSecretsRequest.getDefaultInstance())
                                .getSecretsList())
                .isEmpty();

        fixture.grpc()
                .setSecret(
                        SetSecretRequest.newBuilder()
                                .setName("TOKEN")
                                .setEnvironmentName("qa")
                                .build());
        assertThat(fixture.secrets.list(ControlFixture.ACCOUNT, "qa")).isEmpty();
        assertThat(
                        fixture.grpc()
                                .listEnvironments(ListEnvironmentsRequest.getDefaultInstance())
                                .getEnvironmentsList())
                .extracting(environment -> environment.getName())
                .containsExactly("main", "qa");
    }

    @Test
    void keysAreMadeListedAndRevoked() {
        var made =
                fixture.grpc()
                        .createUserKey(
                                CreateUserKeyRequest.newBuilder()
                                        .setScope(CreateUserKeyRequest.Scope.ADMIN)
                                        .setAlias("ci")
                                        .build());
        ListUserKeysRequest list = ListUserKeysRequest.getDefaultInstance();

        assertThat(
                        fixture.grpc(made.getKeyId(), made.getKeySecret())
                                .listUserKeys(list)
                                .getUserKeysList())
                .anyMatch(key -> key.getAlias().equals("ci"));

        fixture.grpc()
                .revokeUserKey(RevokeUserKeyRequest.newBuilder().setKeyId(made.getKeyId()).build());
        assertStatus(
                () -> fixture.grpc(made.getKeyId(), made.getKeySecret()).listUserKeys(list),
                Status.Code.UNAUTHENTICATED,
                made.getKeyId());
    }

    @Test
    void whatIsNotOfferedSaysSo() {
        assertStatus(
                () -> all(fixture.grpc().map(mews.wire.proto.HostedMap.getDefaultInstance())),
                Status.Code.UNIMPLEMENTED,
                "use Run");
    }

    private UUID start(AppName app) {
        Route route = fixture.deployment.routes().find(app);
        return fixture.fleet.start(
                new RunnerOrder(
                        route.revision(),
                        route.alias().generation(),
                        mews.model.MachineCatalog.standard().find("S").orElseThrow(),
                        1,
                        route.alias().startupTimeout(),
                        null));
    }

    private RunnerOrder job() {
        await().until(() -> !fixture.fleet.orders.isEmpty());
        return fixture.fleet.orders.values().iterator().next();
    }

    private void finish(RunnerOrder order, JobListener.Outcome outcome) {
        UUID runner = fixture.fleet.of(order.revision().app()).orElseThrow();
        order.job().finished(outcome);
        fixture.fleet.stop(runner, StopReason.of(StopReason.Code.FINISHED));
    }

    private RegisterApplicationResult deploy(RegisterApplicationRequest.Builder request) {
        return all(fixture.grpc().registerApplication(request.build())).getLast();
    }

    private void assertRefused(RegisterApplicationRequest.Builder request, String text) {
        assertStatus(() -> deploy(request), Status.Code.INVALID_ARGUMENT, text);
    }

    private List<AliasInfo> aliases() {
        return fixture.grpc().listAliases(ListAliasesRequest.getDefaultInstance()).getAliasesList();
    }

    private Route route() {
        return fixture.deployment.routes().find(HELLO);
    }

    private UUID serving() {
        return route().alias().serving();
    }

    private static BuildEnvironmentRequest build(String requirement) {
        return BuildEnvironmentRequest.newBuilder()
                .addEnvironments(Requests.environment(requirement))
                .setMachineRequirements(Requests.served())
                .build();
    }

    private static HostedRunResult untilUrls(Iterator<HostedRunResult> results) {
        HostedRunResult next = results.next();
        while (!next.hasServiceUrls()) {
            next = results.next();
        }
        return next;
    }

    private static HostedRunResult untilLogs(Iterator<HostedRunResult> results) {
        HostedRunResult next = results.next();
        while (next.getLogsCount() == 0) {
            next = results.next();
        }
        return next;
    }

    private static AppName appOf(HostedRunResult result) {
        String[] parts = result.getServiceUrls().getRun().split("/");
        return new AppName(parts[parts.length - 2], parts[parts.length - 1]);
    }

    private static LogLine line(AppName app, String message) {
        return new LogLine(
                Instant.now(),
                LogLine.Level.STDOUT,
                LogLine.Source.USER,
                app.owner(),
                app,
                null,
                null,
                null,
                message);
    }

    private static <T> Iterator<T> callIn(
            Context.CancellableContext context, java.util.function.Supplier<Iterator<T>> call) {
        List<Iterator<T>> made = new ArrayList<>();
        context.run(() -> made.add(call.get()));
        return made.getFirst();
    }

    private static <T> List<T> all(Iterator<T> messages) {
        List<T> all = new ArrayList<>();
        messages.forEachRemaining(all::add);
        return all;
    }

    private static void assertStatus(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
            Status.Code code,
            String text) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        failure -> {
                            assertThat(failure.getStatus().getCode()).isEqualTo(code);
                            assertThat(failure.getStatus().getDescription()).contains(text);
                        });
    }
}
