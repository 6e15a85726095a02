package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.CreateEnvironmentRequest;
import mews.wire.proto.CreateUserKeyRequest;
import mews.wire.proto.DeleteAliasRequest;
import mews.wire.proto.DeleteApplicationRequest;
import mews.wire.proto.DeploymentStrategy;
import mews.wire.proto.KillRunnerRequest;
import mews.wire.proto.ListAliasRunnersRequest;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.ListApplicationsRequest;
import mews.wire.proto.ListEnvironmentsRequest;
import mews.wire.proto.ListRunnersRequest;
import mews.wire.proto.ListSecretsRequest;
import mews.wire.proto.ListUserKeysRequest;
import mews.wire.proto.RevokeUserKeyRequest;
import mews.wire.proto.RolloutApplicationRequest;
import mews.wire.proto.RunnerInfo;
import mews.wire.proto.SetAliasRequest;
import mews.wire.proto.SetSecretRequest;
import mews.wire.proto.StopRunnerRequest;
import mews.wire.proto.UpdateApplicationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ControlIT extends ControlCalls {
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
}
