package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.host.Gpu;
import mews.host.Gpu.Placed;
import mews.model.Refusal;
import mews.sandbox.SandboxSpec;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import org.junit.jupiter.api.Test;

class GpuDeskTest {
    private static final Gpu ONE = gpu("one", "/dev/null");
    private static final Gpu TWO = gpu("two", "/dev/zero");
    private static final UUID FIRST = new UUID(0, 1);
    private static final UUID SECOND = new UUID(0, 2);

    @Test
    void eachHasOneHolderAtMost() {
        GpuDesk desk = new GpuDesk(List.of(ONE, TWO));
        desk.take(FIRST, 1);

        assertThat(desk.of(FIRST)).containsExactly(ONE);
        assertThatThrownBy(() -> desk.take(SECOND, 2))
                .isInstanceOf(Refusal.class)
                .hasMessage("2 GPUs are needed; 1 of this server's 2 are free");
        desk.take(SECOND, 1);
        assertThat(desk.of(SECOND)).containsExactly(TWO);
        assertThat(desk.free()).isZero();

        desk.release(FIRST);
        desk.release(FIRST);

        assertThat(desk.free()).isEqualTo(1);
        assertThat(desk.of(FIRST)).isEmpty();
        assertThat(desk.all()).isEqualTo(2);
    }

    @Test
    void whoNeedsNoneHoldsNone() {
        GpuDesk desk = new GpuDesk(List.of());
        desk.take(FIRST, 0);

        assertThat(desk.of(FIRST)).isEmpty();
        desk.release(FIRST);
        assertThat(desk.free()).isZero();
    }

    @Test
    void aProcessOfThisHostGetsWhatItDoesNotSeeAlready() throws IOException {
        Gpu gpu =
                new Gpu(
                        "g",
                        List.of(placed("/dev/null", "/dev/gpu0")),
                        List.of(
                                placed("/usr/bin/env", "/usr/bin/env"),
                                placed("/usr/bin/env", "/opt/gpu/env")),
                        Map.of("GPU", "0"));

        SandboxSpec equipped = GpuAccess.into(spec(null), List.of(gpu));

        assertThat(equipped.binds())
                .containsExactly(
                        Bind.device(Path.of("/dev/null"), "/dev/gpu0"),
                        new Bind(Path.of("/usr/bin/env"), "/opt/gpu/env", false));
        assertThat(equipped.environment()).isEqualTo(Map.of("A", "b", "GPU", "0"));
    }

    @Test
    void anImageFindsTheLibraries() throws IOException {
        Gpu gpu =
                new Gpu(
                        "g",
                        List.of(),
                        List.of(placed("/usr/bin/env", "/usr/lib/gpu/libgpu.so.1")),
                        Map.of());
        SandboxSpec.Root root =
                new SandboxSpec.Root(
                        Path.of("/files"), Path.of("/changes"), SandboxSpec.User.ROOT, true, false);

        SandboxSpec equipped = GpuAccess.into(spec(root), List.of(gpu));

        assertThat(equipped.environment()).containsEntry("LD_LIBRARY_PATH", "/usr/lib/gpu");
        assertThat(equipped.binds())
                .containsExactly(
                        new Bind(Path.of("/usr/bin/env"), "/usr/lib/gpu/libgpu.so.1", false));
        assertThat(equipped.root()).isEqualTo(root);
    }

    @Test
    void whatIsNotThereIsNamed() {
        Gpu gone = gpu("gone", "/dev/not-there");

        assertThatThrownBy(() -> GpuAccess.into(spec(null), List.of(gone)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/dev/not-there of the GPU 'gone' is not on this host");
    }

    private static SandboxSpec spec(SandboxSpec.@org.jspecify.annotations.Nullable Root root) {
        return new SandboxSpec(
                "gpu",
                List.of("/bin/true"),
                Map.of("A", "b"),
                "/",
                List.of(),
                Network.NONE,
                Limits.NONE,
                "",
                Map.of(),
                SandboxSpec.Reach.NOTHING_MORE,
                root);
    }

    private static Gpu gpu(String name, String node) {
        return new Gpu(name, List.of(placed(node, "/dev/" + name)), List.of(), Map.of());
    }

    private static Placed placed(String host, String inside) {
        return new Placed(Path.of(host), Path.of(inside));
    }
}
