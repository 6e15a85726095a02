package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.base.Home;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tries from inside what must not be possible.
class SandboxIT {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    @TempDir private static Path root;

    private static Sandboxes sandboxes;
    private static Path workdir;
    private static SandboxFixture fixture;

    @BeforeAll
    static void open() throws IOException {
        Home home = new Home(root.resolve("home"), root.resolve("run"));
        Files.createDirectories(home.root());
        Files.writeString(home.sealKey(), "the server's key");
        sandboxes = Sandboxes.open(home, List.of());
        workdir = Files.createDirectory(root.resolve("work"));
        fixture = new SandboxFixture(sandboxes.sandbox(), workdir);
    }

    @AfterAll
    static void close() {
        sandboxes.close();
    }

    @BeforeEach
    void onlyWhereThereAreNamespaces() {
        assumeTrue(sandboxes.sandbox().separateFiles(), sandboxes.sandbox().isolation());
    }

    @Test
    void hasNoRights() throws IOException {
        var seen = fixture.shell("id -u; grep -E 'CapEff|NoNewPrivs' /proc/self/status");

        assertThat(seen.out()).contains("CapEff:\t0000000000000000").contains("NoNewPrivs:\t1");
        assertThat(seen.out()).doesNotStartWith("0\n");
    }

    @Test
    void seesNoProcessButItsOwn() throws IOException {
        var seen = fixture.shell("ls /proc | grep -c '^[0-9]'; kill -9 1; echo alive");

        assertThat(Integer.parseInt(seen.out().lines().findFirst().orElseThrow())).isLessThan(7);
        assertThat(seen.out()).endsWith("alive");
    }

    @Test
    void readsNeitherTheServersFilesNorOtherPeoples() throws IOException {
        var seen =
                fixture.shell(
                        "cat %s/home/seal.key; cat /etc/shadow; ls /root /home; ls -A %s; cat /etc/passwd"
                                .formatted(root, root));

        assertThat(seen.out()).doesNotContain("the server's key").doesNotContain("seal.key");
        assertThat(seen.out()).contains("mews:x:").doesNotContain("postgres");
        assertThat(seen.err()).contains("seal.key: No such file");
    }

    @Test
    void writesItsOwnFoldersOnly() throws IOException {
        var seen =
                fixture.shell(
                        "for place in /usr /etc / /dev /var /run; do touch $place/x 2>/dev/null && echo $place; done; echo mine > mine; touch /tmp/x /dev/shm/x && echo temporary");

        assertThat(seen.out()).isEqualTo("temporary");
        assertThat(workdir.resolve("mine")).hasContent("mine");
    }

    @Test
    void makesNoFurtherNamespaces() throws IOException {
        assertThat(fixture.shell("unshare -U true").exit().code()).isNotZero();
        assertThat(fixture.shell("mount -t tmpfs x /tmp").exit().code()).isNotZero();
    }

    @Test
    void withoutNetworkReachesNothingOfTheHost() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var seen =
                    fixture.python(
                            Network.NONE,
                            Limits.NONE,
                            attempts("127.0.0.1:" + server.getLocalPort()));

            assertThat(seen.out()).isEqualTo("no");
        }
    }

    @Test
    void withEgressReachesNeitherHostNorNeighboursNorPrivateNetworks() throws IOException {
        assumeTrue(ROOT);
        try (ServerSocket server = new ServerSocket(0)) {
            String own =
                    NetworkInterface.networkInterfaces()
                            .flatMap(NetworkInterface::inetAddresses)
                            .filter(a -> a.getAddress().length == 4 && !a.isLoopbackAddress())
                            .findFirst()
                            .orElseThrow()
                            .getHostAddress();
            int port = server.getLocalPort();

            var seen =
                    fixture.python(
                            Network.EGRESS,
                            Limits.NONE,
                            attempts(
                                    "127.0.0.1:" + port,
                                    own + ":" + port,
                                    gateway() + ":" + port,
                                    "169.254.169.254:80",
                                    "10.0.0.1:80",
                                    "192.168.1.1:80"));

            assertThat(seen.out()).isEqualTo("no no no no no no");
        }
    }

    @Test
    void withEgressReachesThePackageIndex() throws IOException {
        assumeTrue(ROOT);
        Uv uv = new Uv(Interpreters.ofHost());
        Path binary = uv.ensure(root.resolve("tools"));
        Map<String, String> environment = new java.util.HashMap<>(uv.environment());
        environment.put("UV_CACHE_DIR", workdir.resolve("cache").toString());
        var spec =
                fixture.spec(
                        Network.EGRESS,
                        Limits.NONE,
                        environment,
                        List.of(
                                binary.toString(),
                                "pip",
                                "install",
                                "--python",
                                SandboxFixture.PYTHON.path().toString(),
                                "--target",
                                workdir.resolve("site").toString(),
                                "six==1.16.0"));
        List<Bind> binds = new java.util.ArrayList<>(spec.binds());
        binds.add(Bind.readOnly(binary));
        uv.settings().files().forEach(file -> binds.add(Bind.readOnly(file)));

        var seen =
                fixture.finish(
                        new SandboxSpec(
                                spec.name(),
                                spec.command(),
                                spec.environment(),
                                spec.workdir(),
                                binds,
                                spec.network(),
                                spec.limits()));

        assertThat(seen.exit().code()).as(seen.err()).isZero();
        assertThat(workdir.resolve("site/six.py")).exists();
    }

    @Test
    void twoListenOnTheSamePort() throws IOException {
        String script =
                "import socket; s=socket.socket(); s.bind(('0.0.0.0', 8080)); s.listen(); print('up', flush=True); input()";
        var spec =
                fixture.spec(
                        Network.NONE,
                        Limits.NONE,
                        Map.of(),
                        List.of(SandboxFixture.PYTHON.path().toString(), "-c", script));
        try (SandboxProcess one = sandboxes.sandbox().start(spec);
                SandboxProcess two = sandboxes.sandbox().start(spec)) {
            assertThat(firstLine(one)).isEqualTo("up");
            assertThat(firstLine(two)).isEqualTo("up");
        }
    }

    @Test
    void isToldWhenItTookTooMuchMemory() throws IOException {
        var seen =
                fixture.python(
                        Network.NONE,
                        new Limits(200_000_000L, null, null),
                        "import time\nparts=[]\nfor i in range(100):\n  parts.append(bytearray(10_000_000)); time.sleep(0.02)\ntime.sleep(30)");

        assertThat(seen.exit()).isEqualTo(new SandboxProcess.Exit(137, true));
    }

    @Test
    void cannotForkWithoutEnd() throws IOException {
        var seen =
                fixture.shell(
                        Network.NONE,
                        new Limits(null, null, 20),
                        "i=0; while [ $i -lt 200 ]; do sleep 3 & i=$((i+1)); done; wait; echo all");

        assertThat(seen.out()).doesNotContain("all");
        assertThat(seen.exit().code()).isNotZero();
    }

    @Test
    void cpuIsLimited() throws IOException {
        assumeTrue(sandboxes.sandbox().isolation().contains("limits by cgroup"));
        var seen =
                fixture.python(
                        Network.NONE,
                        new Limits(null, 200, null),
                        "import time\nend=time.monotonic()+2\nwhile time.monotonic()<end: pass\nprint(time.process_time())");

        assertThat(Double.parseDouble(seen.out())).isLessThan(1.0);
    }

    @Test
    void terminateReachesTheProcessItself() throws IOException {
        var spec =
                fixture.spec(
                        Network.NONE,
                        Limits.NONE,
                        Map.of(),
                        List.of(
                                "/bin/sh",
                                "-c",
                                "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.05; done"));
        try (SandboxProcess process = sandboxes.sandbox().start(spec)) {
            BufferedReader lines = lines(process);
            assertThat(lines.readLine()).isEqualTo("up");

            process.terminate();

            assertThat(process.exit().join()).isEqualTo(new SandboxProcess.Exit(7, false));
            assertThat(lines.readLine()).isEqualTo("bye");
        }
    }

    @Test
    void killTakesTheChildrenAlong() throws IOException {
        var spec =
                fixture.spec(
                        Network.NONE,
                        Limits.NONE,
                        Map.of(),
                        List.of("/bin/sh", "-c", "setsid sleep 1000 & echo up; wait"));
        try (SandboxProcess process = sandboxes.sandbox().start(spec)) {
            assertThat(firstLine(process)).isEqualTo("up");
            List<ProcessHandle> all =
                    ProcessHandle.of(process.pid()).orElseThrow().descendants().toList();
            assertThat(all).hasSizeGreaterThan(2);

            process.kill();

            assertThat(process.exit().join().code()).isEqualTo(137);
            await().until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
        }
    }

    @Test
    void nobodyReadsVariablesOffTheCommandLine() throws IOException {
        var spec =
                fixture.spec(
                        Network.NONE,
                        Limits.NONE,
                        Map.of("TOKEN", "tell-nobody", "LD_LIBRARY_PATH", "/opt"),
                        List.of("/bin/sh", "-c", "echo $TOKEN $LD_LIBRARY_PATH; read line"));
        try (SandboxProcess process = sandboxes.sandbox().start(spec)) {
            assertThat(firstLine(process)).isEqualTo("tell-nobody /opt");

            String line = Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"));
            assertThat(line).contains("bwrap").doesNotContain("tell-nobody");
        }
    }

    @Test
    void seesNothingOfTheServersEnvironment() throws IOException {
        assertThat(fixture.shell("env | cut -d= -f1 | sort | xargs").out())
                .isEqualTo("HOME PATH PWD");
    }

    @Test
    void leavesNothingBehind() throws IOException {
        fixture.shell(Network.EGRESS, new Limits(100_000_000L, 100, 10), "sleep 1000 & exit 3");

        // The files of the forwarder are the server's, not a sandbox's.
        assertThat(root.resolve("run/sandbox").toFile().list()).containsOnly("egress");
    }

    private static String attempts(String... addresses) {
        return """
        import socket, sys
        said = []
        for address in %s.split():
            host, port = address.split(':')
            try:
                socket.create_connection((host, int(port)), timeout=2).close()
                said.append('yes')
            except OSError:
                said.append('no')
        print(' '.join(said))
        """
                .formatted("'" + String.join(" ", addresses) + "'");
    }

    /// Where this host's own default route leads: a neighbour.
    private static String gateway() throws IOException {
        String hex =
                Files.readAllLines(Path.of("/proc/net/route")).stream()
                        .map(line -> line.split("\\s+"))
                        .filter(columns -> columns[1].equals("00000000"))
                        .findFirst()
                        .orElseThrow()[2];
        int address = Integer.reverseBytes(Integer.parseUnsignedInt(hex, 16));
        return "%d.%d.%d.%d"
                .formatted(
                        address >>> 24, address >>> 16 & 255, address >>> 8 & 255, address & 255);
    }

    private static String firstLine(SandboxProcess process) throws IOException {
        return lines(process).readLine();
    }

    private static BufferedReader lines(SandboxProcess process) {
        return new BufferedReader(new InputStreamReader(process.stdout(), StandardCharsets.UTF_8));
    }
}
