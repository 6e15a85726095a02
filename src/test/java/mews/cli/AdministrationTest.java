package mews.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import mews.base.Json;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.CreateUserKeyRequest;
import mews.wire.proto.CreateUserKeyResponse;
import mews.wire.proto.DeleteAliasRequest;
import mews.wire.proto.DeleteAliasResult;
import mews.wire.proto.IsolateControllerGrpc.IsolateControllerImplBase;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.ListAliasesResult;
import mews.wire.proto.ListRunnersRequest;
import mews.wire.proto.ListRunnersResponse;
import mews.wire.proto.RunnerInfo;
import mews.wire.proto.SetSecretRequest;
import mews.wire.proto.SetSecretResponse;
import mews.wire.proto.UpdateApplicationRequest;
import mews.wire.proto.UpdateApplicationResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdministrationTest {
    private final Service service = new Service();
    private FakeControl control;

    /// Remembers what it was asked and gives small answers.
    private static final class Service extends IsolateControllerImplBase {
        final List<Object> asked = new ArrayList<>();

        private <T> void answer(Object request, T response, StreamObserver<T> to) {
            asked.add(request);
            to.onNext(response);
            to.onCompleted();
        }

        @Override
        public void createUserKey(
                CreateUserKeyRequest request, StreamObserver<CreateUserKeyResponse> to) {
            answer(
                    request,
                    CreateUserKeyResponse.newBuilder().setKeyId("k1").setKeySecret("s1").build(),
                    to);
        }

        @Override
        public void setSecret(SetSecretRequest request, StreamObserver<SetSecretResponse> to) {
            answer(request, SetSecretResponse.getDefaultInstance(), to);
        }

        @Override
        public void updateApplication(
                UpdateApplicationRequest request, StreamObserver<UpdateApplicationResult> to) {
            answer(request, UpdateApplicationResult.getDefaultInstance(), to);
        }

        @Override
        public void deleteAlias(DeleteAliasRequest request, StreamObserver<DeleteAliasResult> to) {
            asked.add(request);
            to.onError(Status.NOT_FOUND.withDescription("no app 'hello'").asRuntimeException());
        }

        @Override
        public void listAliases(ListAliasesRequest request, StreamObserver<ListAliasesResult> to) {
            AliasInfo hello =
                    AliasInfo.newBuilder()
                            .setAlias("hello--staging")
                            .setEnvironmentName("staging")
                            .setRevision("r1")
                            .setMaxConcurrency(2)
                            .addMachineTypes("S")
                            .build();
            answer(request, ListAliasesResult.newBuilder().addAliases(hello).build(), to);
        }

        @Override
        public void listRunners(
                ListRunnersRequest request, StreamObserver<ListRunnersResponse> to) {
            answer(
                    request,
                    ListRunnersResponse.newBuilder()
                            .addRunners(
                                    RunnerInfo.newBuilder()
                                            .setRunnerId("a")
                                            .setState(RunnerInfo.State.FAILURE_DELAY))
                            .addRunners(
                                    RunnerInfo.newBuilder()
                                            .setRunnerId("b")
                                            .setState(RunnerInfo.State.IDLE))
                            .build(),
                    to);
        }
    }

    @BeforeEach
    void open() throws IOException {
        control = new FakeControl(service);
    }

    @AfterEach
    void close() {
        control.close();
    }

    private Ran command(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--server", control.url()));
        return Ran.command(all.toArray(String[]::new));
    }

    @Test
    void aNewKeyIsAllThatIsPrinted() {
        Ran ran = command("keys", "create", "--scope", "admin", "--desc", "laptop");

        assertThat(ran.out()).isEqualTo("k1:s1\n");
        assertThat(service.asked)
                .containsExactly(
                        CreateUserKeyRequest.newBuilder()
                                .setScope(CreateUserKeyRequest.Scope.ADMIN)
                                .setAlias("laptop")
                                .build());
    }

    @Test
    void eachSecretIsOneCallAndNoValueIsShown() {
        Ran ran = command("secrets", "set", "A=b=c", "TOKEN=hush", "--env", "staging");

        assertThat(service.asked)
                .containsExactly(
                        SetSecretRequest.newBuilder()
                                .setName("A")
                                .setValue("b=c")
                                .setEnvironmentName("staging")
                                .setDefaultExposed(true)
                                .build(),
                        SetSecretRequest.newBuilder()
                                .setName("TOKEN")
                                .setValue("hush")
                                .setEnvironmentName("staging")
                                .setDefaultExposed(true)
                                .build());
        assertThat(ran.out() + ran.err()).doesNotContain("hush");
    }

    @Test
    void aMisshapenSecretIsNotRepeated() {
        Ran ran = command("secrets", "set", "hush");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("NAME=VALUE").doesNotContain("hush");
        assertThat(service.asked).isEmpty();
    }

    @Test
    void unsettingSendsNoValue() {
        command("secrets", "unset", "TOKEN");

        assertThat(service.asked)
                .containsExactly(SetSecretRequest.newBuilder().setName("TOKEN").build());
    }

    @Test
    void scalesOnlyWhatIsNamed() {
        command(
                "apps",
                "scale",
                "hello",
                "--min-concurrency",
                "0",
                "--regions",
                "us-east",
                "eu-west");

        assertThat(service.asked)
                .containsExactly(
                        UpdateApplicationRequest.newBuilder()
                                .setApplicationName("hello")
                                .setMinConcurrency(0)
                                .addValidRegions("us-east")
                                .addValidRegions("eu-west")
                                .build());
    }

    @Test
    void scalingNothingIsBadInput() {
        Ran ran = command("apps", "scale", "hello");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(service.asked).isEmpty();
    }

    @Test
    void tellsTheServersExplanationAndNothingElse() {
        Ran ran = command("apps", "delete", "hello");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).isEqualTo("mews: no app 'hello'\n");
    }

    @Test
    void namesAppsAsTheirOwnerDoes() {
        Ran ran = command("apps", "list", "--env", "staging", "--json");

        var app = Json.MAPPER.readTree(ran.out()).path("apps").get(0);
        assertThat(app.path("alias").asString()).isEqualTo("hello");
        assertThat(app.path("environment_name").asString()).isEqualTo("staging");
        assertThat(app.path("machine_types").get(0).asString()).isEqualTo("S");
    }

    @Test
    void picksRunnersByTheStateThatIsShown() {
        Ran ran = command("runners", "list", "--state", "crash_backoff", "--json");

        assertThat(Json.MAPPER.readTree(ran.out()).path("runners").findValuesAsString("runner_id"))
                .containsExactly("a");
    }

    @Test
    void anUnknownStateIsBadInput() {
        Ran ran = command("runners", "list", "--state", "sleeping");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("unknown state 'sleeping'").contains("crash_backoff");
    }
}
