package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.fleet.TestContainers.Settings;
import mews.host.Cdi;
import mews.model.Image;
import mews.model.MachineKind;
import mews.model.MachineType;
import mews.model.Refusal;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import mews.testing.ContainersHere;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Exclusive accelerators, by a made-up specification: one is this host's `/dev/null`, the other
/// its `/dev/zero`.
class GpuIT {
    private static final MachineType GPU =
            new MachineType("GPU-X", MachineKind.GPU, 2000, 2_000_000_000L, 1);

    @TempDir static Path folder;
    private static FleetFixture host;

    @BeforeAll
    static void open() throws Exception {
        Path library = Files.writeString(folder.resolve("libgpu.so.1"), "driver");
        for (Path readable : List.of(folder, library)) {
            readable.toFile().setReadable(true, false);
            readable.toFile().setExecutable(true, false);
        }
        Files.writeString(
                folder.resolve("made-up.json"),
                """
                {"cdiVersion": "0.6.0", "kind": "example.com/gpu",
                 "devices": [
                   {"name": "a", "containerEdits": {"env": ["GPU=a"],
                    "deviceNodes": [{"path": "/dev/gpu-a", "hostPath": "/dev/null"}]}},
                   {"name": "b", "containerEdits": {"env": ["GPU=b"],
                    "deviceNodes": [{"path": "/dev/gpu-b", "hostPath": "/dev/zero"}]}}],
                 "containerEdits": {
                   "mounts": [{"hostPath": "%s", "containerPath": "/opt/gpu/libgpu.so.1"}]}}
                """
                        .formatted(library));
        host = new FleetFixture(null, new Ground.WarmSettings(0, 0), Cdi.gpus(List.of(folder)));
        assumeTrue(host.sandbox.separateFiles());
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        List<UUID> live = host.fleet.live().stream().map(RunnerView::id).toList();
        live.forEach(runner -> host.fleet.kill(runner, StopReason.of(Code.KILLED)));
        live.forEach(host::end);
        assertThat(host.leftovers()).isEmpty();
        assertThat(host.ground().gpus().free()).isEqualTo(2);
    }

    @Test
    void eachRunnerHasItsOwnAndGivesItBack() {
        Wish wish = Wish.app("Hello").machine(GPU);
        UUID first = host.start(wish);
        RunnerView one = host.ready(first);
        RunnerView two = host.ready(host.start(wish));

        assertThat(device(one, "/dev/gpu-a")).isEqualTo("{\"read\":\"\"}");
        assertThat(device(one, "/dev/gpu-b")).contains("No such file");
        assertThat(device(two, "/dev/gpu-b")).isEqualTo("{\"read\":\"0000\"}");
        assertThat(device(two, "/dev/gpu-a")).contains("No such file");
        assertThat(device(one, "/opt/gpu/libgpu.so.1")).isEqualTo("{\"read\":\"6472\"}");
        assertThat(host.call(one, "/environment", Map.of("names", List.of("GPU"))).toString())
                .isEqualTo("{\"GPU\":\"a\"}");
        assertThat(ShellChecks.run(host, first, "echo $GPU").out()).isEqualTo("a\n");

        assertThatThrownBy(() -> host.start(wish))
                .isInstanceOf(Refusal.class)
                .hasMessage("1 GPUs are needed; 0 of this server's 2 are free");

        host.fleet.drain(first, StopReason.of(Code.IDLE));
        host.end(first);

        RunnerView next = host.ready(host.start(wish));
        assertThat(device(next, "/dev/gpu-a")).isEqualTo("{\"read\":\"\"}");
    }

    @Test
    void aRunnerWithoutOneSeesNone() {
        RunnerView runner = host.ready(host.start(Wish.app("Hello")));

        assertThat(device(runner, "/dev/gpu-a")).contains("No such file");
        assertThat(device(runner, "/opt/gpu/libgpu.so.1")).contains("No such file");
        assertThat(host.ground().gpus().free()).isEqualTo(2);
    }

    @Test
    @ContainersHere
    void soDoesAnImage() throws IOException {
        assumeTrue(host.sandbox.noRoots().isEmpty(), host.sandbox.noRoots());
        Image image = TestContainers.in(host).node(new Settings());

        RunnerView runner = host.ready(host.start(TestContainers.own(image).machine(GPU)));

        assertThat(ShellChecks.run(host, runner.id(), "echo $GPU $LD_LIBRARY_PATH").out())
                .startsWith("a /opt/gpu");
        assertThat(host.call(runner, "/read", Map.of("path", "/dev/gpu-a")).asString()).isEmpty();
        assertThat(host.call(runner, "/read", Map.of("path", "/opt/gpu/libgpu.so.1")).asString())
                .isEqualTo("driver");
        assertThat(host.call(runner, "/read", Map.of("path", "/dev/gpu-b")).asString())
                .isEqualTo("ENOENT");
    }

    private static String device(RunnerView runner, String path) {
        return host.call(runner, "/device", Map.of("path", path)).toString();
    }
}
