package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.base.Hashes;
import mews.base.Home;
import mews.host.Cgroups;
import mews.host.Command;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import mews.testing.ImageFolder;
import mews.testing.TestImages;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A server that is killed takes its processes with it, and its next life sweeps the rest, or
/// another server beside it.
class ServerDeathIT {
    /// @param files whose files its process has
    @ParameterizedTest
    @ValueSource(strings = {"host", "image"})
    void nothingOutlivesAKilledServer(String files, @TempDir Path root) throws IOException {
        Process server =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Server.class.getName(),
                                root.toString(),
                                files)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String pid;
        try (var out = server.inputReader(StandardCharsets.UTF_8)) {
            pid = out.lines().filter(line -> line.startsWith("pid ")).findFirst().orElseThrow();
        }
        ProcessHandle runner = ProcessHandle.of(Long.parseLong(pid.substring(4))).orElseThrow();
        List<ProcessHandle> all = Stream.concat(Stream.of(runner), runner.descendants()).toList();

        Sandboxes.open(beside(root), List.of()).close();
        assertThat(all).as("another server beside it").allMatch(ProcessHandle::isAlive);

        server.destroyForcibly();

        await().until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
        try (Sandboxes other = Sandboxes.open(beside(root), List.of())) {
            assertThat(other.sandbox().isolation()).isNotBlank();
            assertThat(networks()).doesNotContain(name(home(root)));
            assertThat(leftGroups(root)).isEmpty();
        }
        try (Sandboxes next = Sandboxes.open(home(root), List.of())) {
            assertThat(next.sandbox().isolation()).isNotBlank();
            // The files of the forwarder are the server's, not a sandbox's.
            assertThat(root.resolve("run/sandbox").toFile().list()).containsOnly("egress");
            assertThat(leftGroups(root)).isEmpty();
        }
        assertThat(networks()).doesNotContain(name(home(root)));
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(root.toString());
    }

    private static List<Path> leftGroups(Path root) throws IOException {
        for (Path place : Cgroups.probe("mews-" + name(home(root))).places().values()) {
            try (Stream<Path> entries = Files.list(place)) {
                List<Path> groups = entries.filter(Files::isDirectory).toList();
                if (!groups.isEmpty()) {
                    return groups;
                }
            }
        }
        return List.of();
    }

    private static String networks() {
        return Command.run(Duration.ofSeconds(5), "ip", "netns", "list").out();
    }

    private static String name(Home home) {
        return Hashes.sha256Hex(home.root().toString()).substring(0, 8);
    }

    private static Home home(Path root) {
        return new Home(root.resolve("home"), root.resolve("run"));
    }

    private static Home beside(Path root) {
        return new Home(root.resolve("beside"), root.resolve("run-beside"));
    }

    static final class Server {
        private static final Limits LIMITS = new Limits(100_000_000L, 100, 10);
        private static final List<String> COMMAND =
                List.of("/bin/sh", "-c", "sleep 1000 & echo up; wait");

        private Server() {}

        public static void main(String[] arguments) throws Exception {
            Path root = Path.of(arguments[0]);
            Sandboxes sandboxes = Sandboxes.open(home(root), List.of());
            SandboxSpec spec =
                    arguments[1].equals("image") ? image(root, sandboxes) : host(root, sandboxes);
            SandboxProcess process = sandboxes.sandbox().start(spec);
            process.stdout().read();
            System.out.println("pid " + process.pid());
            System.out.close();
            process.exit().join();
        }

        private static SandboxSpec host(Path root, Sandboxes sandboxes) throws IOException {
            Path work = Files.createDirectory(root.resolve("work"));
            return new SandboxFixture(sandboxes.sandbox(), work)
                    .spec(Network.EGRESS, LIMITS, Map.of(), COMMAND);
        }

        private static SandboxSpec image(Path root, Sandboxes sandboxes) throws IOException {
            Path files = ImageFolder.unpack(TestImages.shell(), root.resolve("image"));
            Path data = Files.createDirectory(root.resolve("data"));
            return new ImageFixture(root, files, data, sandboxes)
                    .spec(SandboxSpec.User.ROOT, Network.EGRESS, LIMITS, COMMAND);
        }
    }
}
