package mews.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.RevisionSpec;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.testing.Specs;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Each setting: from the code, tuned by its owner, and after the next deploy. protocol: platform
/// 2.3
class SettingsFieldsTest {
    private static final UUID NEXT = new UUID(0, 2);
    private static final RevisionSpec FIRST = code(1, "XS", "eu-west");
    private static final RevisionSpec SECOND = code(2, "S", "eu-north");
    private static final String TUNED_MACHINE = "L";
    private static final String TUNED_REGION = "us-west";

    @TestFactory
    Stream<DynamicTest> survivesADeploy() {
        return Stream.of(
                kept("keep_alive", alias -> alias.scale().keepAlive(), seconds(31)),
                kept("min_concurrency", alias -> alias.scale().minConcurrency(), 3),
                kept("max_concurrency", alias -> alias.scale().maxConcurrency(), 30),
                kept("concurrency_buffer", alias -> alias.scale().concurrencyBuffer(), 4),
                kept("concurrency_buffer_perc", alias -> alias.scale().concurrencyBufferPerc(), 41),
                kept("scaling_delay", alias -> alias.scale().scalingDelay(), seconds(32)),
                kept("request_timeout", Alias::requestTimeout, seconds(33)),
                kept("request_start_timeout", Alias::requestStartTimeout, seconds(35)),
                kept("regions", Alias::regions, List.of(TUNED_REGION)),
                reset("max_multiplexing", alias -> alias.scale().maxMultiplexing(), 5),
                reset("startup_timeout", Alias::startupTimeout, seconds(34)),
                reset("machine_type", Alias::machineTypes, List.of(TUNED_MACHINE)));
    }

    private static DynamicTest kept(String name, Function<Alias, Object> field, Object tuned) {
        return DynamicTest.dynamicTest(name + " is inherited", () -> check(field, tuned, true));
    }

    private static DynamicTest reset(String name, Function<Alias, Object> field, Object tuned) {
        return DynamicTest.dynamicTest(name + " is the code's", () -> check(field, tuned, false));
    }

    private static void check(Function<Alias, Object> field, Object tuned, boolean inherited) {
        AliasRow row = row(FIRST);
        Object ofNewCode = field.apply(row(SECOND).alias());
        assertThat(field.apply(row.alias())).isNotEqualTo(tuned).isNotEqualTo(ofNewCode);

        AliasRow after = row.tuned(tuning());
        assertThat(field.apply(after.alias())).as("acts at once").isEqualTo(tuned);

        assertThat(field.apply(after.coming(NEXT, null, false).alias()))
                .as("while the new revision comes up")
                .isEqualTo(tuned);
        assertThat(field.apply(after.serving(NEXT, SECOND, null, false).alias()))
                .as("after the next deploy, or a rollback")
                .isEqualTo(inherited ? tuned : ofNewCode);
        assertThat(field.apply(after.serving(NEXT, SECOND, null, true).alias()))
                .as("with --reset-scale")
                .isEqualTo(ofNewCode);
        assertThat(field.apply(row.tuned(nothing()).alias()))
                .as("untouched by tuning other settings")
                .isEqualTo(field.apply(row.alias()));
    }

    private static AliasRow row(RevisionSpec spec) {
        return AliasRow.settled(
                new Alias(
                        new AppName("ada", "hello"),
                        AuthMode.PRIVATE,
                        new UUID(0, 1),
                        null,
                        DeploymentStrategy.ROLLING,
                        spec.scale(),
                        spec.timeouts().request(),
                        spec.timeouts().startup(),
                        spec.timeouts().requestStart(),
                        spec.machineTypes(),
                        spec.regions(),
                        false,
                        1,
                        Instant.EPOCH));
    }

    private static Aliases.Tuning tuning() {
        return new Aliases.Tuning(
                seconds(31),
                5,
                30,
                3,
                4,
                41,
                seconds(32),
                seconds(33),
                seconds(34),
                seconds(35),
                List.of(TUNED_MACHINE),
                List.of(TUNED_REGION));
    }

    private static Aliases.Tuning nothing() {
        return new Aliases.Tuning(
                null, null, null, null, null, null, null, null, null, null, List.of(), List.of());
    }

    /// @param number in which each setting differs from that of other code
    private static RevisionSpec code(int number, String machine, String region) {
        RevisionSpec app =
                Specs.app(
                        new ScalePolicy(
                                number,
                                10 + number,
                                number,
                                number,
                                10 * number,
                                seconds(number),
                                seconds(10 + number)),
                        new Timeouts(
                                seconds(20 + number),
                                seconds(40 + number),
                                seconds(5),
                                seconds(60 + number)),
                        List.of(machine));
        return new RevisionSpec(
                app.environment(),
                app.callable(),
                app.machineTypes(),
                app.numGpus(),
                List.of(region),
                app.exposedPort(),
                app.metricsPort(),
                app.healthCheck(),
                app.scale(),
                app.timeouts(),
                app.skipRetryConditions(),
                app.retries(),
                app.secrets(),
                app.dataMounts(),
                app.files(),
                app.privateLogs(),
                app.metadata(),
                app.sourceCode(),
                app.snapshot());
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }
}
