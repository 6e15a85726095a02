package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mews.host.Uv;
import mews.host.UvSettings;
import mews.model.Image;
import mews.model.MachineKind;
import mews.testing.MadeUp;
import mews.testing.PackageSites;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which build of torch an environment gets. The indexes are made up, as are their wheels.
class TorchIT {
    private static final String VERSION = "99.0";
    private static final Duration STALL = Duration.ofSeconds(2);

    @TempDir private static Path mirrored;
    @TempDir private static Path without;

    private static PackageSites sites;
    private static BuildBench bench;
    private static BuildBench bare;

    @BeforeAll
    static void open() {
        sites = new PackageSites();
        for (String place : List.of("/plain/", "/torch/cpu/", "/torch/cu124/")) {
            sites.index(place);
        }
        torch("/plain/files/", VERSION);
        torch("/torch/cpu/files/", VERSION + "+cpu");
        torch("/torch/cu124/files/", VERSION + "+cu124");
        Map<String, String> pip = new HashMap<>(new Uv(BuildBench.INTERPRETERS).environment());
        // What runners need is on the public index; the made-up torch only on ours.
        pip.putIfAbsent("UV_DEFAULT_INDEX", "https://pypi.org/simple");
        pip.put("UV_INDEX", sites.url("/plain/"));
        Uv uv = new Uv(BuildBench.INTERPRETERS, UvSettings.of(pip, Map.of()));
        bench =
                new BuildBench(
                        mirrored,
                        new BuildSettings(STALL, "cu124", sites.url("/torch/{backend}/")),
                        uv);
        bare = new BuildBench(without, new BuildSettings(STALL, null, null), uv);
    }

    @AfterAll
    static void close() {
        bench.close();
        bare.close();
        sites.close();
    }

    private static void torch(String place, String version) {
        sites.put(
                place,
                MadeUp.wheelName("torch", version),
                MadeUp.wheel("torch", version, MadeUp.ANYWHERE, place, List.of()));
    }

    @Test
    void cpuMachinesGetTheBuildWithoutCuda() {
        Image image = bench.build(List.of("torch==" + VERSION));

        assertThat(bench.told(image, "torch")).startsWith("99.0+cpu ");
        assertThat(bench.said())
                .contains("torch: the cpu build, for a CPU machine type, from http://");
    }

    @Test
    void gpuMachinesGetTheConfiguredBuild() {
        Image image = bench.build(false, MachineKind.GPU, List.of(List.of("torch==" + VERSION)));

        assertThat(bench.told(image, "torch")).startsWith("99.0+cu124 ");
        assertThat(bench.said()).contains("torch: the cu124 build", "by builds.torch_backend");
    }

    @Test
    void whatTheLayerSaysCounts() {
        Image image =
                bench.build(
                        List.of("torch==99.0", "--extra-index-url", sites.url("/torch/cu124/")));
        assertThat(bench.told(image, "torch")).startsWith("99.0+cu124 ");
        assertThat(bench.said()).contains("as the layer says: it names its own index");

        Image byUrl =
                bench.build(
                        List.of(sites.url("/plain/files/") + MadeUp.wheelName("torch", VERSION)));
        assertThat(bench.told(byUrl, "torch")).startsWith("99.0 ");
        assertThat(bench.said()).contains("as the layer says: it names a file");
    }

    @Test
    void withoutAWayToTheChosenBuildTheIndexServes() {
        Image image = bare.build(List.of("torch==" + VERSION));

        assertThat(bare.told(image, "torch")).startsWith("99.0 ");
        assertThat(bare.said()).contains("the chosen build cannot be had");
    }

    @Test
    void withoutADriverTheIndexServesGpuMachines() {
        if (TorchChoice.driver().isPresent()) {
            return;
        }
        Image image = bare.build(false, MachineKind.GPU, List.of(List.of("torch==" + VERSION)));

        assertThat(bare.told(image, "torch")).startsWith("99.0 ");
        assertThat(bare.said()).contains("no NVIDIA driver", "builds.torch_backend");
    }
}
