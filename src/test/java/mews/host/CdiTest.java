package mews.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.host.Gpu.Placed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Made-up specifications of the kind that vendors' tools write.
class CdiTest {
    @TempDir Path folder;

    @Test
    void listsEachAcceleratorOnceByItsOwnId() throws IOException {
        write(
                "nvidia.json",
                """
                {"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu",
                 "devices": [
                   {"name": "0", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}]}},
                   {"name": "GPU-8a1b2c3d-0001", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}]}},
                   {"name": "1", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia1"}]}},
                   {"name": "GPU-8a1b2c3d-0002", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia1"}]}},
                   {"name": "1:0", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia1"}, {"path": "/dev/nvidia-caps/nvidia-cap3"}]}},
                   {"name": "all", "containerEdits": {"deviceNodes": [{"path": "/dev/nvidia0"}, {"path": "/dev/nvidia1"}]}}],
                 "containerEdits": {
                   "env": ["NVIDIA_VISIBLE_DEVICES=void"],
                   "deviceNodes": [{"path": "/dev/nvidiactl"}],
                   "mounts": [{"hostPath": "/usr/lib/libcuda.so.1", "containerPath": "/opt/libcuda.so.1", "options": ["ro"]}],
                   "hooks": [{"hookName": "createContainer", "path": "/usr/bin/nvidia-cdi-hook"}]}}
                """);

        List<Gpu> gpus = Cdi.gpus(List.of(folder));

        assertThat(gpus)
                .extracting(Gpu::name)
                .containsExactly(
                        "nvidia.com/gpu=GPU-8a1b2c3d-0001", "nvidia.com/gpu=GPU-8a1b2c3d-0002");
        assertThat(gpus.getFirst())
                .isEqualTo(
                        new Gpu(
                                "nvidia.com/gpu=GPU-8a1b2c3d-0001",
                                List.of(same("/dev/nvidiactl"), same("/dev/nvidia0")),
                                List.of(
                                        new Placed(
                                                Path.of("/usr/lib/libcuda.so.1"),
                                                Path.of("/opt/libcuda.so.1"))),
                                Map.of("NVIDIA_VISIBLE_DEVICES", "void")));
    }

    @Test
    void knowsADeviceByWhereItIsOnThisHost() throws IOException {
        write(
                "made-up.json",
                """
                {"kind": "example.com/gpu", "devices": [
                  {"name": "a", "containerEdits": {"deviceNodes": [{"path": "/dev/gpu", "hostPath": "/dev/one"}], "env": ["WHICH=a=b"]}},
                  {"name": "b", "containerEdits": {"deviceNodes": [{"path": "/dev/gpu", "hostPath": "/dev/two"}]}}]}
                """);

        assertThat(Cdi.gpus(List.of(folder)))
                .extracting(gpu -> gpu.nodes().getFirst())
                .containsExactly(
                        new Placed(Path.of("/dev/one"), Path.of("/dev/gpu")),
                        new Placed(Path.of("/dev/two"), Path.of("/dev/gpu")));
        assertThat(Cdi.gpus(List.of(folder)).getFirst().variables()).containsEntry("WHICH", "a=b");
    }

    @Test
    void aLaterFolderOverridesAnEarlierOne() throws IOException {
        Path later = Files.createDirectory(folder.resolve("later"));
        String spec =
                "{\"kind\": \"example.com/gpu\", \"devices\": [{\"name\": \"a\", \"containerEdits\":"
                        + " {\"deviceNodes\": [{\"path\": \"%s\"}]}}]}";
        write("made-up.json", spec.formatted("/dev/old"));
        Files.writeString(later.resolve("made-up.json"), spec.formatted("/dev/new"));

        assertThat(Cdi.gpus(List.of(folder, later)))
                .extracting(Gpu::nodes)
                .containsExactly(List.of(same("/dev/new")));
    }

    @Test
    void passesOverWhatIsNoSpecificationOfAccelerators() throws IOException {
        write("broken.json", "{");
        write(
                "relative.json",
                "{\"kind\": \"a/gpu\", \"devices\": [{\"name\": \"a\", \"containerEdits\":"
                        + " {\"deviceNodes\": [{\"path\": \"dev/x\"}]}}]}");
        write(
                "network.json",
                "{\"kind\": \"vendor.com/net\", \"devices\": [{\"name\": \"a\", \"containerEdits\":"
                        + " {\"deviceNodes\": [{\"path\": \"/dev/net\"}]}}]}");
        write("spec.yaml", "kind: nvidia.com/gpu");

        assertThat(Cdi.gpus(List.of(folder, folder.resolve("not-there")))).isEmpty();
    }

    private static Placed same(String path) {
        return new Placed(Path.of(path), Path.of(path));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
