package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.host.Cgroups;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Without namespaces and control groups.
class PlainSandboxIT {
    @TempDir private Path root;

    private PlainSandbox sandbox;
    private SandboxFixture fixture;

    @BeforeEach
    void open() throws IOException {
        sandbox =
                new PlainSandbox(
                        new Cgroups(0, Map.of(), "none here"), root.resolve("run"), "plain-test");
        fixture = new SandboxFixture(sandbox, Files.createDirectory(root.resolve("work")));
    }

    @Test
    void saysSo() {
        assertThat(sandbox.isolation()).isEqualTo("no isolation");
        assertThat(sandbox.separateFiles()).isFalse();
        assertThat(sandbox.separateNetwork()).isFalse();
    }

    @Test
    void runsWithTheGivenEnvironmentOnly() throws IOException {
        var seen = fixture.shell("echo $HOME; pwd; exit 4");

        assertThat(seen.out()).isEqualTo(root.resolve("work") + "\n" + root.resolve("work"));
        assertThat(seen.exit()).isEqualTo(new SandboxProcess.Exit(4, false));
    }

    @Test
    void killTakesAlongEvenWhatLeftItsParent() throws IOException {
        var spec =
                fixture.spec(
                        Network.HOST,
                        Limits.NONE,
                        Map.of(),
                        List.of(
                                "/bin/sh",
                                "-c",
                                "(setsid sleep 1000 & echo $!) ; exec sleep 1000"));
        try (SandboxProcess process = sandbox.start(spec)) {
            String stray =
                    new java.io.BufferedReader(
                                    new java.io.InputStreamReader(
                                            process.stdout(),
                                            java.nio.charset.StandardCharsets.UTF_8))
                            .readLine();
            ProcessHandle left = ProcessHandle.of(Long.parseLong(stray)).orElseThrow();

            process.kill();

            assertThat(process.exit().join().code()).isEqualTo(137);
            await().until(() -> !left.isAlive());
        }
    }

    @Test
    void terminateReachesTheProcess() throws IOException {
        var spec = fixture.spec(Network.HOST, Limits.NONE, Map.of(), List.of("/bin/sleep", "1000"));
        try (SandboxProcess process = sandbox.start(spec)) {
            process.terminate();

            assertThat(process.exit().join().code()).isEqualTo(143);
        }
    }

    @Test
    void memoryIsWatchedWhereNoGroupLimitsIt() throws IOException {
        var seen =
                fixture.python(
                        Network.HOST,
                        new Limits(150_000_000L, null, null),
                        "import time\nparts=[]\nfor i in range(100):\n  parts.append(bytearray(10_000_000)); time.sleep(0.02)\ntime.sleep(30)");

        assertThat(seen.exit()).isEqualTo(new SandboxProcess.Exit(137, true));
    }

    @Test
    void aFileCannotBeShownElsewhere() {
        var spec =
                new SandboxSpec(
                        "probe",
                        List.of("true"),
                        Map.of(),
                        "/",
                        List.of(new Bind(root, "/data", true)),
                        Network.HOST,
                        Limits.NONE);

        assertThatThrownBy(() -> sandbox.start(spec))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/data");
    }
}
