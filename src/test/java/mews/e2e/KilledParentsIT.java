package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import mews.base.Json;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A server that is killed takes its warm parents and all that they forked along.
class KilledParentsIT {
    private static final String APP =
            """
            import fal


            class Brief(fal.App):
                keep_alive = 2

                @fal.endpoint("/")
                def hello(self) -> dict:
                    return {"hello": "again"}
            """;

    @TempDir Path folder;

    @Test
    void nothingOutlivesAKilledServer() throws IOException {
        try (Served killed = new Served(folder)) {
            Path app = Shell.write(folder.resolve("app/app.py"), APP);
            killed.shell.mews("deploy", app + "::Brief").succeeded();
            Assumptions.assumeTrue(
                    killed.shell.mews("doctor").out().contains("ok  warm starts"),
                    "this host cannot fork runners");
            await("a runner that was forked")
                    .atMost(Duration.ofMinutes(3))
                    .until(() -> startsForked(killed.shell));
            assertThat(descendants()).hasSizeGreaterThan(2);

            server().destroyForcibly();

            await().atMost(Duration.ofMinutes(1)).until(() -> descendants().isEmpty());
        }
        Files.delete(folder.resolve("home/server.json"));
        try (Served next = new Served(folder)) {
            assertThat(next.shell.mews("call", "brief").succeeded().out()).contains("again");
        }
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(folder.toString());
    }

    /// Calls it, and tells how the runner that is there was started.
    private static boolean startsForked(Shell shell) {
        shell.mews("call", "brief").succeeded();
        return StreamSupport.stream(
                        shell.mews("runners", "list", "--json")
                                .json()
                                .path("runners")
                                .spliterator(),
                        false)
                .anyMatch(runner -> runner.path("started").asString("").equals("forked"));
    }

    private ProcessHandle server() throws IOException {
        String told = Files.readString(folder.resolve("home/server.json"));
        return ProcessHandle.of(Json.MAPPER.readTree(told).path("pid").asLong()).orElseThrow();
    }

    /// Processes of runners, of parents, and of those who guide forks.
    private List<ProcessHandle> descendants() {
        return ProcessHandle.allProcesses()
                .filter(each ->
                        commandLine(each.pid()).contains(folder + "/home/environments")
                                || commandLine(each.pid()).contains("guide.py\0" + folder))
                .toList();
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/%d/cmdline".formatted(pid)));
        } catch (IOException e) {
            return "";
        }
    }
}
