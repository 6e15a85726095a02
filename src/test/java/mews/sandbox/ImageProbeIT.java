package mews.sandbox;

import static mews.sandbox.ImageFixture.APP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import mews.sandbox.SandboxFixture.Outcome;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import mews.sandbox.SandboxSpec.User;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tries from inside an image what must not be possible.
class ImageProbeIT {
    @TempDir private static Path root;

    private static ImageFixture image;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")));
        image = ImageFixture.open(root);
        String reason = image.sandboxes().sandbox().noRoots();
        assumeTrue(reason.isEmpty(), reason);
    }

    @AfterAll
    static void close() {
        if (image != null) {
            image.sandboxes().close();
        }
    }

    @Test
    void hasNoRightsThatMatter() throws IOException {
        String script =
                "grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status; ls /dev; head -c 1 /proc/kcore;"
                        + " echo x > /proc/sys/kernel/core_pattern; echo y > /proc/sysrq-trigger";

        Outcome asRoot = image.shell(User.ROOT, script);
        Outcome asApp = image.shell(APP, script);

        // chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind, chroot
        assertThat(asRoot.out()).contains("CapEff:\t00000000000405fb");
        assertThat(asApp.out())
                .contains("CapEff:\t0000000000000000")
                .contains("CapBnd:\t0000000000000000");
        for (Outcome seen : List.of(asRoot, asApp)) {
            assertThat(seen.out()).contains("NoNewPrivs:\t1").contains("Seccomp:\t2");
            assertThat(seen.out()).doesNotContain("mem").doesNotContain("vda");
            assertThat(seen.err()).contains("core_pattern: Permission denied");
        }
    }

    @Test
    void makesNoNamespacesAndMountsNothing() throws IOException {
        for (User user : List.of(User.ROOT, APP)) {
            Outcome seen =
                    image.python(
                            user,
                            Network.NONE,
                            """
                            import ctypes
                            libc = ctypes.CDLL(None, use_errno=True)
                            def tried(result): return 'refused' if result else 'done'
                            print(tried(libc.unshare(0x10000000)), tried(libc.unshare(0x20000)),
                                  tried(libc.mount(b'x', b'/data', b'tmpfs', 0, None)),
                                  tried(libc.umount2(b'/data', 2)))
                            """);
            assertThat(seen.out()).as(seen.err()).isEqualTo("refused refused refused refused");
        }
    }

    @Test
    void readsNothingOfTheServer() throws IOException {
        Outcome seen =
                image.shell(
                        User.ROOT,
                        "cat %s/home/seal.key; ls %s; ls /proc | grep -c '^[0-9]'; ls /home"
                                .formatted(root, root));

        assertThat(seen.out()).doesNotContain("the server's key");
        assertThat(Integer.parseInt(seen.out().strip())).isLessThan(7);
        assertThat(seen.err()).contains("No such file");
    }

    @Test
    void reachesNoPortOfThisHostAndListensOnLowOnes() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("0.0.0.0"))) {
            String script =
                    """
                    import socket
                    try:
                        socket.create_connection(('127.0.0.1', %d), timeout=2)
                        print('reached')
                    except OSError:
                        print('no')
                    low = socket.socket()
                    low.bind(('0.0.0.0', 80))
                    print('bound')
                    """
                            .formatted(server.getLocalPort());
            for (User user : List.of(User.ROOT, APP)) {
                Outcome seen = image.python(user, Network.EGRESS, script);
                assertThat(seen.out()).as(seen.err()).isEqualTo("no\nbound");
            }
        }
    }

    @Test
    void limitsHold() throws IOException {
        SandboxSpec spec =
                image.spec(
                        APP,
                        Network.NONE,
                        new Limits(150_000_000L, null, 20),
                        List.of("/usr/bin/python3", "-c", "x = bytearray(400_000_000)"));

        assertThat(image.run(spec).exit()).isEqualTo(new SandboxProcess.Exit(137, true));
    }

    @Test
    void findsNothingOnItsInputAndTakesItsVariablesFromNoCommandLine() throws IOException {
        Outcome seen = image.shell(User.ROOT, "cat; echo $TOKEN; cat /proc/1/cmdline");

        assertThat(seen.out()).startsWith("tell-nobody\n");
        assertThat(seen.out().substring(12)).doesNotContain("tell-nobody");
    }
}
