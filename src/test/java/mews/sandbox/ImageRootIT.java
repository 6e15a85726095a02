package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.base.Folders;
import mews.base.Home;
import mews.host.Command;
import mews.sandbox.SandboxFixture.Outcome;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import mews.sandbox.SandboxSpec.Root;
import mews.sandbox.SandboxSpec.User;
import mews.testing.ImageFolder;
import mews.testing.TestImages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tries from inside an image what must be possible there, and what must not.
class ImageRootIT {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final User APP = new User(1000, 1000, List.of(2000));

    @TempDir private static Path root;

    private static Sandboxes sandboxes;
    private static Path files;
    private static Path data;
    private static SandboxFixture fixture;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue(ROOT);
        Home home = new Home(root.resolve("home"), root.resolve("run"));
        Files.createDirectories(home.root());
        Files.writeString(home.sealKey(), "the server's key");
        files = ImageFolder.unpack(TestImages.python(), root.resolve("image"));
        Files.writeString(files.resolve("etc/hosts"), "10.9.8.7 somebody\n");
        Files.createSymbolicLink(files.resolve("etc/resolv.conf"), Path.of("/run/nowhere"));
        Files.createSymbolicLink(files.resolve("data"), Path.of("/etc"));
        Files.writeString(files.resolve("root/secret"), "of the image's root");
        files.resolve("root/secret").toFile().setReadable(false, false);
        files.resolve("root/secret").toFile().setReadable(true, true);
        data = Files.createDirectory(root.resolve("data"));
        sandboxes = Sandboxes.open(home, List.of());
        fixture = new SandboxFixture(sandboxes.sandbox(), data);
    }

    @AfterAll
    static void close() {
        if (sandboxes != null) {
            sandboxes.close();
        }
    }

    @BeforeEach
    void onlyWhereImagesCanRun() {
        String reason = sandboxes.sandbox().noRoots();
        assumeTrue(reason.isEmpty(), reason);
    }

    @Test
    void isTheImagesRootAndAStrangerOnThisHost() throws IOException {
        Outcome seen =
                shell(
                        User.ROOT,
                        "id -u; cat /root/secret; touch /root/mine /data/mine && stat -c %u /root/mine /etc/passwd");

        assertThat(seen.out()).as(seen.err()).isEqualTo("0\nof the image's root0\n0");
        assertThat(files.resolve("root/mine")).doesNotExist();
        Object owner =
                Files.getAttribute(data.resolve("mine"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
        assertThat(owner).isEqualTo(Files.getAttribute(data, "unix:uid"));
        assertThat((int) owner).isGreaterThan(0x6fffffff);
    }

    @Test
    void isTheUserThatTheImageNames() throws IOException {
        Outcome seen =
                shell(
                        APP,
                        "id -u; id -g; id -G; touch /data/app && stat -c %u /data/app /etc/passwd; cat /root/secret");

        assertThat(seen.out()).as(seen.err()).isEqualTo("1000\n1000\n1000 2000\n1000\n0");
        assertThat(seen.err()).contains("/root/secret: Permission denied");
        assertThat(Files.getAttribute(data.resolve("app"), "unix:uid"))
                .isEqualTo(Files.getAttribute(data, "unix:uid"));
    }

    @Test
    void changesAreOfOneProcessAndLeaveNothing() throws IOException {
        shell(User.ROOT, "echo changed > /etc/passwd; rm -r /usr/lib/python3*");

        assertThat(shell(User.ROOT, "head -n 1 /etc/passwd").out()).startsWith("root:");
        assertThat(root.resolve("run/sandbox")).isDirectoryNotContaining("glob:**probe*");
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(root.toString());
    }

    @Test
    void hasNoRightsThatMatter() throws IOException {
        String script =
                "grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status; ls /dev; head -c 1 /proc/kcore;"
                        + " echo x > /proc/sys/kernel/core_pattern; echo y > /proc/sysrq-trigger";

        Outcome asRoot = shell(User.ROOT, script);
        Outcome asApp = shell(APP, script);

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
                    python(
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
                shell(
                        User.ROOT,
                        "cat %s/home/seal.key; ls %s; ls /proc | grep -c '^[0-9]'; ls /home"
                                .formatted(root, root));

        assertThat(seen.out()).doesNotContain("the server's key");
        assertThat(Integer.parseInt(seen.out().strip())).isLessThan(7);
        assertThat(seen.err()).contains("No such file");
    }

    @Test
    void hasItsOwnNamesAndHidesTheImagesLinks() throws IOException {
        Outcome seen =
                shell(
                        User.ROOT,
                        "cat /etc/hosts /etc/hostname /etc/resolv.conf; test -L /data || echo mounted; ls /data");

        assertThat(seen.out()).contains("127.0.0.1 localhost").doesNotContain("somebody");
        assertThat(seen.out()).contains("mounted").doesNotContain("passwd");
        assertThat(files.resolve("data")).isSymbolicLink();
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
                Outcome seen = python(user, Network.EGRESS, script);
                assertThat(seen.out()).as(seen.err()).isEqualTo("no\nbound");
            }
        }
    }

    @Test
    void limitsHold() throws IOException {
        SandboxSpec spec =
                spec(
                        APP,
                        Network.NONE,
                        new Limits(150_000_000L, null, 20),
                        List.of("/usr/bin/python3", "-c", "x = bytearray(400_000_000)"));

        assertThat(run(spec).exit()).isEqualTo(new SandboxProcess.Exit(137, true));
    }

    @Test
    void findsNothingOnItsInputAndTakesItsVariablesFromNoCommandLine() throws IOException {
        Outcome seen = shell(User.ROOT, "cat; echo $TOKEN; cat /proc/1/cmdline");

        assertThat(seen.out()).startsWith("tell-nobody\n");
        assertThat(seen.out().substring(12)).doesNotContain("tell-nobody");
    }

    @Test
    void anotherProcessIsStartedInItsNetwork() throws IOException {
        for (Network network : List.of(Network.NONE, Network.EGRESS)) {
            String listen =
                    "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 80 if %s else 8080)); s.listen(); print('up', flush=True); time.sleep(60)"
                            .formatted(network == Network.EGRESS ? "True" : "False");
            SandboxSpec spec =
                    spec(APP, network, Limits.NONE, List.of("/usr/bin/python3", "-c", listen));
            try (SandboxProcess server = sandboxes.sandbox().start(spec)) {
                assertThat(firstLine(server)).isEqualTo("up");
                SandboxSpec beside =
                        fixture.spec(
                                Network.NONE,
                                Limits.NONE,
                                Map.of(),
                                List.of(
                                        SandboxFixture.PYTHON.path().toString(),
                                        "-c",
                                        "import socket, os; socket.create_connection(('127.0.0.1', %d)); print('met', os.path.exists('/root/secret'))"
                                                .formatted(network == Network.EGRESS ? 80 : 8080)));
                try (SandboxProcess other = sandboxes.sandbox().startBeside(server, beside)) {
                    assertThat(firstLine(other)).isEqualTo("met False");
                }
            }
        }
    }

    @Test
    void seesTheSumOfTheLayersOfAMountedImage() throws IOException {
        Path mounted = Files.createDirectories(root.resolve("mounted/rootfs"));
        Path upper = Files.createDirectories(root.resolve("upper layer,1/bin-extra"));
        Files.writeString(upper.resolve("new"), "of the upper layer\n");
        String layers = "%s:%s".formatted(upper.getParent().toString().replace(",", "\\,"), files);
        Command.Result done =
                Command.run(
                        java.time.Duration.ofSeconds(10),
                        "mount",
                        "-t",
                        "overlay",
                        "-o",
                        "lowerdir=" + layers,
                        "mews",
                        mounted.toString());
        assertThat(done.ok()).as(done.lastWords()).isTrue();
        try {
            SandboxSpec base =
                    spec(
                            APP,
                            Network.NONE,
                            Limits.NONE,
                            List.of("/bin/sh", "-c", "cat /bin-extra/new; id -u"));
            Root over = new Root(mounted, Files.createDirectory(root.resolve("over")), APP, false);

            assertThat(run(withRoot(base, over)).out()).isEqualTo("of the upper layer\n1000");
        } finally {
            Command.run(java.time.Duration.ofSeconds(10), "umount", mounted.toString());
        }
    }

    @Test
    void tellsWhatStandsInTheWay() throws IOException {
        Path bad = Files.createDirectories(root.resolve("bad/rootfs"));
        Files.createSymbolicLink(bad.resolve("etc"), Path.of("/usr"));
        SandboxSpec spec = spec(User.ROOT, Network.NONE, Limits.NONE, List.of("/bin/sh"));
        Root over = new Root(bad, Files.createDirectory(root.resolve("c-bad")), User.ROOT, false);

        Outcome seen = run(withRoot(spec, over));

        assertThat(seen.exit().code()).isEqualTo(1);
        assertThat(seen.err())
                .isEqualTo(
                        "mews: /etc of the image is a symbolic link, where /etc/hosts must be put");
    }

    private static Outcome shell(User user, String script) throws IOException {
        return run(spec(user, Network.NONE, Limits.NONE, List.of("/bin/sh", "-c", script)));
    }

    private static Outcome python(User user, Network network, String script) throws IOException {
        return run(spec(user, network, Limits.NONE, List.of("/usr/bin/python3", "-c", script)));
    }

    private static Outcome run(SandboxSpec spec) throws IOException {
        Outcome seen = fixture.finish(spec);
        Folders.delete(java.util.Objects.requireNonNull(spec.root()).changes());
        return seen;
    }

    private static SandboxSpec spec(User user, Network network, Limits limits, List<String> command)
            throws IOException {
        Path changes = Files.createTempDirectory(root, "changes");
        return withRoot(
                new SandboxSpec(
                        "probe",
                        command,
                        Map.of("PATH", "/usr/bin:/bin", "TOKEN", "tell-nobody"),
                        "/",
                        List.of(new Bind(data, "/data", true)),
                        network,
                        limits,
                        "somebody"),
                new Root(files, changes, user, false));
    }

    private static SandboxSpec withRoot(SandboxSpec spec, Root root) {
        return new SandboxSpec(
                spec.name(),
                spec.command(),
                spec.environment(),
                spec.workdir(),
                spec.binds(),
                spec.network(),
                spec.limits(),
                spec.owner(),
                spec.hosts(),
                spec.reach(),
                root);
    }

    private static String firstLine(SandboxProcess process) throws IOException {
        return new BufferedReader(new InputStreamReader(process.stdout(), StandardCharsets.UTF_8))
                .readLine();
    }
}
