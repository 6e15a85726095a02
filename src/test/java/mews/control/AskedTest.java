package mews.control;

import static mews.control.SpecsTest.SPECS;
import static mews.control.SpecsTest.assertInvalid;
import static mews.control.SpecsTest.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import mews.model.Callable;
import mews.model.RevisionSpec;
import mews.wire.proto.ApplicationHealthCheckConfig;
import mews.wire.proto.HostedRun;
import mews.wire.proto.VolumeMount;
import org.junit.jupiter.api.Test;

/// What an app is made of: its callable, files, health check; what is not offered.
class AskedTest {
    @Test
    void aHealthCheckHasDocumentedDefaults() {
        RevisionSpec spec =
                read(
                        Requests.registration("hello")
                                .setHealthCheckConfig(
                                        ApplicationHealthCheckConfig.newBuilder()
                                                .setPath("/ok")
                                                .setMethod(
                                                        ApplicationHealthCheckConfig.Method.POST)));

        assertThat(spec.healthCheck())
                .isEqualTo(
                        new mews.model.HealthCheck(
                                "/ok",
                                "POST",
                                Duration.ofSeconds(30),
                                Duration.ofSeconds(5),
                                3,
                                true,
                                false));
    }

    @Test
    void anEntryPointWithoutModuleOrNothingToRunIsRefused() {
        assertThat(
                        SPECS.read(
                                        Asked.of(
                                                Requests.run("x")
                                                        .setEntrypoint("pkg.mod:Sym.run_local")
                                                        .build()))
                                .callable())
                .isEqualTo(new Callable.EntryPoint("pkg.mod:Sym.run_local"));
        assertThatThrownBy(
                        () -> SPECS.read(Asked.of(Requests.run("x").setEntrypoint("pkg").build())))
                .hasMessageContaining("'pkg'");
        HostedRun nothing = Requests.run("x").clearFunction().build();
        assertThatThrownBy(() -> SPECS.read(Asked.of(nothing)))
                .hasMessageContaining("nothing to run");
    }

    @Test
    void filesMayNotLeaveTheirFolder() {
        for (String path : List.of("/etc/passwd", "../x", "a/../../x", "")) {
            assertInvalid(
                    Requests.registration("x")
                            .addFiles(
                                    mews.wire.proto.File.newBuilder()
                                            .setHash("0".repeat(64))
                                            .setRelativePath(path)),
                    "is not allowed");
        }
    }

    @Test
    void volumesAreRefused() {
        VolumeMount mount =
                VolumeMount.newBuilder().setVolumeName("weights").setMountPath("/mnt/w").build();

        assertInvalid(Requests.registration("x").addVolumes(mount), "'weights' is not offered");
        HostedRun run = Requests.run("x").addVolumes(mount).build();
        assertThatThrownBy(() -> Asked.of(run)).hasMessageContaining("/data");
    }
}
