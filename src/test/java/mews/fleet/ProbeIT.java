package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.model.MachineKind;
import mews.model.MachineType;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// An app that tries what must not be possible, in a true runner beside another one of its account.
/// That it cannot exceed its memory is in `FleetIT`; images are tried in `ImageProbeIT`.
class ProbeIT {
    private static final MachineType HALF =
            new MachineType("XS", MachineKind.CPU, 500, 2_000_000_000L, 0);
    private static final String CONNECT =
            """
            import socket
            got = []
            for target in %s:
                probe = socket.socket()
                probe.settimeout(2)
                try:
                    probe.connect((target[0], target[1]))
                    got.append(target)
                except OSError:
                    pass
            """;

    static FleetFixture host;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture();
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    @AfterEach
    void endAll() {
        List<UUID> live = host.fleet.live().stream().map(RunnerView::id).toList();
        live.forEach(runner -> host.fleet.kill(runner, StopReason.of(Code.KILLED)));
        live.forEach(host::end);
    }

    @Test
    void findsNothingOfTheServerOrOfOtherRunners() throws IOException {
        assumeTrue(host.sandbox.separateFiles(), host.sandbox.isolation());
        Files.writeString(host.home.sealKey(), "the server's key");
        RunnerView other = runner(FleetFixture.BIG);
        RunnerView prober = runner(FleetFixture.BIG);
        String socket = ((RunnerState.Ready) other.state()).endpoint().socketPath();
        List<Path> hidden =
                List.of(
                        host.home.sealKey(),
                        host.home.data("local"),
                        host.home.files(),
                        host.home.runners().resolve(other.id().toString()),
                        host.home.sockets().resolve("r"),
                        host.home.sockets().resolve("e"),
                        Path.of(socket),
                        Path.of("").toAbsolutePath().resolve("pom.xml"),
                        Path.of("/etc/shadow"));

        assertThat(
                        attempt(
                                prober,
                                "import os\ngot = [path for path in %s if os.path.lexists(path)]"
                                        .formatted(quoted(hidden))))
                .isEqualTo("[]");
        assertThat(attempt(prober, "import os\ngot = sorted(os.listdir('/run/mews'))"))
                .doesNotContain(other.id().toString().substring(24));
        // Its own key and its own secrets are all it finds in what processes were started with.
        String key = environment(other, "FAL_KEY_SECRET");
        assertThat(environment(prober, "FAL_KEY_SECRET")).isNotEqualTo(key);
        assertThat(
                        attempt(
                                prober,
                                """
                                import glob
                                def read(path):
                                    try:
                                        with open(path, "rb") as file:
                                            return file.read().decode(errors="replace")
                                    except OSError:
                                        return ""
                                paths = glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline")
                                got = [path for path in paths if "%s" in read(path)]
                                """
                                        .formatted(key)))
                .isEqualTo("[]");
    }

    @Test
    void touchesNoOtherProcess() {
        assumeTrue(host.sandbox.separateFiles(), host.sandbox.isolation());
        runner(FleetFixture.BIG);
        RunnerView prober = runner(FleetFixture.BIG);

        assertThat(
                        attempt(
                                prober,
                                """
                                import os
                                got = "no other app among " + str(sum(
                                    b"mews_runner" in open(f"/proc/{pid}/cmdline", "rb").read()
                                    for pid in os.listdir("/proc") if pid.isdigit()))
                                """))
                .isIn("no other app among 1", "no other app among 2");
        cannotUseTheFirst(prober);
        assertThat(attempt(prober, "import os\nos.kill(1, 9)\ngot = 'alive'")).isNotEmpty();
        assertThat(host.call(prober, "/", Map.of("name", "Ada")).path("hello").asString())
                .isEqualTo("Ada");
    }

    /// Process 1 of its namespace stands for the runner, and is not the app's.
    void cannotUseTheFirst(RunnerView prober) {
        assertThat(attempt(prober, "got = open('/proc/1/mem', 'rb').read(1)"))
                .startsWith("PermissionError");
        assertThat(
                        attempt(
                                prober,
                                "import ctypes\ngot = ctypes.CDLL(None).ptrace(16, 1, None, None)"))
                .isEqualTo("-1");
    }

    @Test
    void reachesTheServerThroughItsDoorOnly() throws IOException {
        assumeTrue(host.sandbox.separateNetwork(), host.sandbox.isolation());
        RunnerView prober = runner(FleetFixture.BIG);
        try (ServerSocket server = new ServerSocket(0)) {
            List<String> targets = new ArrayList<>();
            addresses().forEach(address -> targets.add(target(address, server.getLocalPort())));
            targets.add(target("127.0.0.1", databasePort()));
            targets.add(target("169.254.169.254", 80));
            targets.add(target("169.254.1.1", 80));

            assertThat(attempt(prober, CONNECT.formatted(targets))).isEqualTo("[]");
        }
        assertThat(host.call(prober, "/nested", Map.of()).path("said").asString())
                .isEqualTo("local/through/the/door");
    }

    @Test
    void startsNoMoreProcessesThanItMay() {
        assumeTrue(limited(), host.sandbox.isolation());
        RunnerView prober = runner(FleetFixture.BIG);

        String started =
                attempt(
                        prober,
                        """
                        import threading
                        threading.stack_size(65536)
                        end, got = threading.Event(), 0
                        try:
                            while got < 6000:
                                threading.Thread(target=end.wait, daemon=True).start()
                                got += 1
                        except RuntimeError:
                            pass
                        end.set()
                        """);

        assertThat(Integer.parseInt(started)).isBetween(1, Recipe.MOST_PROCESSES);
    }

    @Test
    void usesNoMoreOfTheProcessorsThanItMay() {
        assumeTrue(limited(), host.sandbox.isolation());
        RunnerView prober = runner(HALF);

        String used =
                attempt(
                        prober,
                        """
                        import time
                        began, end = time.process_time(), time.monotonic() + 2
                        while time.monotonic() < end:
                            pass
                        got = time.process_time() - began
                        """);

        assertThat(Double.parseDouble(used)).isBetween(0.0, 1.5);
    }

    private static boolean limited() {
        return host.sandbox.isolation().contains("limits by cgroup");
    }

    private static RunnerView runner(MachineType machine) {
        return host.ready(host.start(Wish.app("Hello").machine(machine)));
    }

    static String attempt(RunnerView runner, String code) {
        return host.call(runner, "/try", Map.of("code", code)).path("got").asString();
    }

    private static String environment(RunnerView runner, String name) {
        return host.call(runner, "/environment", Map.of("names", List.of(name)))
                .path(name)
                .asString();
    }

    private static String quoted(List<Path> paths) {
        return paths.stream().map(path -> "'" + path + "'").toList().toString();
    }

    private static String target(String address, int port) {
        return "('%s', %d)".formatted(address, port);
    }

    /// Of this host, loopback and the bridge to the sandboxes among them.
    private static List<String> addresses() throws IOException {
        try (Stream<NetworkInterface> all = NetworkInterface.networkInterfaces()) {
            return all.flatMap(NetworkInterface::inetAddresses)
                    .filter(Inet4Address.class::isInstance)
                    .map(address -> address.getHostAddress())
                    .distinct()
                    .collect(Collectors.toList());
        }
    }

    private static int databasePort() {
        Matcher port = Pattern.compile(":(\\d+)/").matcher(TestDatabase.freshUrl());
        assertThat(port.find()).isTrue();
        return Integer.parseInt(port.group(1));
    }
}
