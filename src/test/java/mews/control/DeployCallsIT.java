package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.Status;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.BuildEnvironmentResult;
import mews.wire.proto.HostedRunStatus;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.RegisterApplicationResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeployCallsIT extends ControlCalls {
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

    private void assertRefused(RegisterApplicationRequest.Builder request, String text) {
        assertStatus(() -> deploy(request), Status.Code.INVALID_ARGUMENT, text);
    }

    private static BuildEnvironmentRequest build(String requirement) {
        return BuildEnvironmentRequest.newBuilder()
                .addEnvironments(Requests.environment(requirement))
                .setMachineRequirements(Requests.served())
                .build();
    }
}
