package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.host.Bubblewrap;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import org.junit.jupiter.api.Test;

/// Device files have to be put into `/dev` before nothing can be put there any more, in folders
/// that others than root may enter.
class DeviceBindsTest {
    private static final Bind NODE = Bind.device(Path.of("/dev/zero"), "/dev/dri/render1");
    private static final Bind LIBRARY =
            new Bind(Path.of("/usr/lib/os-release"), "/opt/gpu/lib.so", false);

    @Test
    void onThisHostsOwnSystem() throws IOException {
        Bubblewrap bubblewrap =
                new Bubblewrap(true, Path.of("/usr/bin/bwrap"), true, false, "made up");
        SandboxSpec spec =
                new SandboxSpec(
                        "gpu",
                        List.of("/bin/true"),
                        Map.of(),
                        "/",
                        List.of(LIBRARY, NODE),
                        Network.NONE,
                        Limits.NONE);

        List<String> options =
                new BubblewrapArguments(spec, bubblewrap, 65534, Path.of("/none"), false)
                        .options(true);

        assertThat(options)
                .containsSubsequence(
                        "--dev",
                        "/dev",
                        "--perms",
                        "0755",
                        "--dir",
                        "/dev/dri",
                        "--dev-bind",
                        "/dev/zero",
                        "/dev/dri/render1",
                        "--remount-ro",
                        "/dev",
                        "--ro-bind",
                        "/usr/lib/os-release",
                        "/opt/gpu/lib.so");
        assertThat(options).containsOnlyOnce("/dev/dri/render1");
    }
}
