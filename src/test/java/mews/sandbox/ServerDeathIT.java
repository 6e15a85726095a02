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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed takes its processes with it, and its next life sweeps the rest.
class ServerDeathIT {
    @Test
    void nothingOutlivesAKilledServer(@TempDir Path root) throws IOException {
        Process server =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Server.class.getName(),
                                root.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        String pid;
        try (var out = server.inputReader(StandardCharsets.UTF_8)) {
            pid = out.lines().filter(line -> line.startsWith("pid ")).findFirst().orElseThrow();
        }
        ProcessHandle runner = ProcessHandle.of(Long.parseLong(pid.substring(4))).orElseThrow();
        List<ProcessHandle> all = Stream.concat(Stream.of(runner), runner.descendants()).toList();

        server.destroyForcibly();

        await().until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
        try (Sandboxes next = Sandboxes.open(home(root), List.of())) {
            assertThat(next.sandbox().isolation()).isNotBlank();
            assertThat(root.resolve("run/sandbox").toFile().list()).isEmpty();
            assertThat(leftGroups(root)).isEmpty();
        }
        String name = Hashes.sha256Hex(home(root).root().toString()).substring(0, 8);
        assertThat(Command.run(Duration.ofSeconds(5), "ip", "netns", "list").out())
                .doesNotContain(name);
    }

    private static List<Path> leftGroups(Path root) throws IOException {
        String name = Hashes.sha256Hex(home(root).root().toString()).substring(0, 8);
        for (Path place : Cgroups.probe("mews-" + name).places().values()) {
            try (Stream<Path> entries = Files.list(place)) {
                List<Path> groups = entries.filter(Files::isDirectory).toList();
                if (!groups.isEmpty()) {
                    return groups;
                }
            }
        }
        return List.of();
    }

    private static Home home(Path root) {
        return new Home(root.resolve("home"), root.resolve("run"));
    }

    static final class Server {
        private Server() {}

        public static void main(String[] arguments) throws Exception {
            Path root = Path.of(arguments[0]);
            Sandboxes sandboxes = Sandboxes.open(home(root), List.of());
            Path work = Files.createDirectory(root.resolve("work"));
            SandboxFixture fixture = new SandboxFixture(sandboxes.sandbox(), work);
            SandboxProcess process =
                    sandboxes
                            .sandbox()
                            .start(
                                    fixture.spec(
                                            Network.EGRESS,
                                            new Limits(100_000_000L, 100, 10),
                                            Map.of(),
                                            List.of(
                                                    "/bin/sh",
                                                    "-c",
                                                    "sleep 1000 & echo up; wait")));
            process.stdout().read();
            System.out.println("pid " + process.pid());
            System.out.close();
            process.exit().join();
        }
    }
}
