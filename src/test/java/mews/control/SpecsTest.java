package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.NullValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.model.EnvironmentSpec;
import mews.model.MachineCatalog;
import mews.model.Refusal;
import mews.model.RetryCondition;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.wire.proto.EnvironmentDefinition;
import mews.wire.proto.MachineRequirements;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.SecretsConfig;
import org.junit.jupiter.api.Test;

class SpecsTest {
    static final Specs SPECS = new Specs(MachineCatalog.standard(), null);

    @Test
    void whatIsAbsentGetsTheDefaultsThatClientsAssume() {
        RevisionSpec spec = read(Requests.registration("hello"));

        assertThat(spec.scale()).isEqualTo(ScalePolicy.DEFAULT);
        assertThat(spec.timeouts()).isEqualTo(Timeouts.DEFAULT);
        assertThat(spec.secrets()).isNull();
        assertThat(spec.healthCheck()).isNull();
        assertThat(spec.metricsPort()).isNull();
        assertThat(spec.sourceCode()).isNull();
    }

    @Test
    void zeroIsNotAbsent() {
        RevisionSpec spec =
                read(
                        Requests.registration("hello")
                                .setMachineRequirements(
                                        Requests.served()
                                                .setKeepAlive(0)
                                                .setStartupTimeout(0)
                                                .setMinConcurrency(0))
                                .setSecrets(SecretsConfig.getDefaultInstance())
                                .setTerminationGracePeriodSeconds(0));

        assertThat(spec.scale().keepAlive()).isZero();
        assertThat(spec.timeouts().startup()).isZero();
        assertThat(spec.timeouts().grace()).isZero();
        assertThat(spec.secrets()).isNotNull().isEmpty();
    }

    @Test
    void maxConcurrencyFollowsALargerMinimum() {
        RevisionSpec spec =
                read(
                        Requests.registration("hello")
                                .setMachineRequirements(Requests.served().setMinConcurrency(5)));

        assertThat(spec.scale().maxConcurrency()).isEqualTo(5);
    }

    @Test
    @SuppressWarnings("deprecation") // The point of this test.
    void theListOfMachineTypesBeatsTheSingleOne() {
        MachineRequirements both =
                MachineRequirements.newBuilder().setMachineType("XS").addMachineTypes("L").build();
        MachineRequirements single = MachineRequirements.newBuilder().setMachineType("M").build();

        assertThat(SPECS.machines().types(both)).containsExactly("L");
        assertThat(SPECS.machines().types(single)).containsExactly("M");
        assertThat(SPECS.machines().types(MachineRequirements.getDefaultInstance()))
                .containsExactly("XS");
    }

    @Test
    void aMistypedMachineIsToldWithTheNearestName() {
        MachineCatalog catalog =
                new MachineCatalog(
                        Map.of(
                                "GPU-H100",
                                new mews.model.MachineType(
                                        "GPU-H100", mews.model.MachineKind.GPU, 1, 1, 1)));

        assertThatThrownBy(() -> new Machines(catalog, null).known(List.of("GPU-H10")))
                .hasMessage(
                        "unknown machine type 'GPU-H10'; did you mean 'GPU-H100'? (on offer: GPU-H100)");
    }

    /// Types that a list falls back to as well: a runner may be put on any of them.
    @Test
    void moreGpusThanTheServerHasAreRefusedAtOnce() {
        MachineCatalog catalog =
                new MachineCatalog(
                        Map.of(
                                "GPU-X",
                                new mews.model.MachineType(
                                        "GPU-X", mews.model.MachineKind.GPU, 1, 1, 1)),
                        2);
        Machines machines = new Machines(catalog, null);
        MachineRequirements two =
                MachineRequirements.newBuilder().addMachineTypes("GPU-X").setNumGpus(2).build();

        assertThat(machines.types(two)).containsExactly("GPU-X");
        assertThatThrownBy(() -> machines.types(two.toBuilder().setNumGpus(3).build()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("needs 3 GPUs for each runner; this server has 2");
    }

    @Test
    void aRegionThatNobodyServesIsRefused() {
        Machines here = new Machines(MachineCatalog.standard(), "eu-west");

        assertThat(here.regions(List.of("us-east", "eu-west"))).hasSize(2);
        assertThat(here.regions(List.of())).isEmpty();
        assertThatThrownBy(() -> here.regions(List.of("us-east")))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("us-east");
        assertThat(SPECS.machines().regions(List.of("us-east"))).containsExactly("us-east");
    }

    @Test
    void portsAndGraceHaveBounds() {
        assertInvalid(
                Requests.registration("x")
                        .setMachineRequirements(Requests.served().setExposedPort(0)),
                "exposed_port must be from 1 to 65535, was 0");
        assertInvalid(
                Requests.registration("x").setTerminationGracePeriodSeconds(3601),
                "termination_grace_period_seconds must be from 0 to 3600, was 3601");
        assertInvalid(
                Requests.registration("x")
                        .setMachineRequirements(Requests.served().setKeepAlive(-1)),
                "keep_alive must be 0 or more, was -1");
    }

    @Test
    void anyDefinitionThatCarriesAnImageIsAContainer() {
        Struct image =
                Struct.newBuilder()
                        .putFields("dockerfile_str", Requests.text("FROM python:3.12"))
                        .putFields("builder", nothing())
                        .build();
        EnvironmentDefinition definition =
                Requests.environment("flask").toBuilder()
                        .setConfiguration(
                                Requests.environment("flask").getConfiguration().toBuilder()
                                        .putFields(
                                                "image",
                                                Value.newBuilder().setStructValue(image).build()))
                        .build();

        EnvironmentSpec spec = Environments.spec(List.of(definition));

        assertThat(spec.kind()).isEqualTo("container");
        assertThat(spec.image()).containsOnlyKeys("dockerfile_str");
    }

    @Test
    void requirementsComeFlatOrInLayers() {
        assertThat(layers(Requests.texts("a", "b"))).containsExactly(List.of("a", "b"));
        assertThat(
                        layers(
                                Requests.list(
                                        List.of(
                                                Requests.texts("a"),
                                                Requests.texts(),
                                                Requests.texts("b", "c")))))
                .containsExactly(List.of("a"), List.of("b", "c"));
        assertThatThrownBy(() ->
                        layers(Requests.list(List.of(Requests.texts("a"), Requests.text("b")))))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void unknownKeysAndKindsAreNamed() {
        EnvironmentDefinition.Builder odd = Requests.environment("x").toBuilder();
        odd.getConfigurationBuilder().putFields("pip", Requests.texts("x"));

        assertThatThrownBy(() -> Environments.spec(List.of(odd.build())))
                .hasMessageContaining("[pip]");
        assertThatThrownBy(() ->
                        Environments.spec(
                                List.of(
                                        Requests.environment("x").toBuilder()
                                                .setKind("conda")
                                                .build())))
                .hasMessageContaining("'conda'");
        assertThatThrownBy(() -> Environments.spec(List.of())).hasMessageContaining("got 0");
    }

    @Test
    void numbersOfStructsAreIntegersAgainAndKeysKeepTheirOrder() {
        Struct struct =
                Struct.newBuilder()
                        .putFields("z", number(8080))
                        .putFields("a", number(0.5))
                        .putFields("big", number(5_000_000_000d))
                        .putFields("none", nothing())
                        .build();

        assertThat(Json.write(Structs.map(struct)))
                .isEqualTo("{\"z\":8080,\"a\":0.5,\"big\":5000000000,\"none\":null}");
    }

    @Test
    void retriesAndConditionsAreRead() {
        RevisionSpec spec =
                read(
                        Requests.registration("hello")
                                .setRetryConfig(
                                        "{\"server_error\":{\"retries\":3},\"timeout\":{\"retries\":-1}}")
                                .addSkipRetryConditions(
                                        mews.wire.proto.RetryCondition.CONNECTION_ERROR));

        assertThat(spec.retries())
                .containsEntry(RetryCondition.SERVER_ERROR, 3)
                .containsEntry(RetryCondition.TIMEOUT, 0);
        assertThat(spec.skipRetryConditions()).containsExactly(RetryCondition.CONNECTION_ERROR);
        assertInvalid(Requests.registration("x").setRetryConfig("[]"), "retry_config");
        assertInvalid(
                Requests.registration("x").setRetryConfig("{\"sometimes\":{\"retries\":1}}"),
                "'sometimes'");
    }

    @Test
    void ourOwnSettingsComeWithTheMetadataAndAreNotShownWithIt() {
        RevisionSpec spec = read(snapshot(OwnSettings.AFTER_SETUP));

        assertThat(spec.snapshot()).isTrue();
        assertThat(spec.metadata()).isEqualTo(Map.of("message", "hi"));
        assertThat(read(Requests.registration("hello")).snapshot()).isFalse();
        assertInvalid(snapshot("before-setup"), "was 'before-setup'");
    }

    private static RegisterApplicationRequest.Builder snapshot(String word) {
        Struct own =
                Struct.newBuilder()
                        .putFields(
                                OwnSettings.SNAPSHOT,
                                Value.newBuilder().setStringValue(word).build())
                        .build();
        return Requests.registration("hello")
                .setMetadata(
                        Struct.newBuilder()
                                .putFields(
                                        "message", Value.newBuilder().setStringValue("hi").build())
                                .putFields(
                                        OwnSettings.KEY,
                                        Value.newBuilder().setStructValue(own).build()));
    }

    private static List<List<String>> layers(Value requirements) {
        EnvironmentDefinition.Builder definition = Requests.environment().toBuilder();
        definition.getConfigurationBuilder().putFields("requirements", requirements);
        return Environments.spec(List.of(definition.build())).requirements();
    }

    static RevisionSpec read(RegisterApplicationRequest.Builder request) {
        return SPECS.read(Asked.of(request.build()));
    }

    static void assertInvalid(RegisterApplicationRequest.Builder request, String text) {
        assertThatThrownBy(() -> read(request))
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> {
                            assertThat(refusal.kind()).isEqualTo(Refusal.Kind.INVALID);
                            assertThat(refusal).hasMessageContaining(text);
                        });
    }

    private static Value number(double value) {
        return Value.newBuilder().setNumberValue(value).build();
    }

    private static Value nothing() {
        return Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build();
    }
}
