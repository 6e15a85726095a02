package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import mews.base.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// `mews run` where no server runs: it brings one up, which goes when nobody uses it any more.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FirstLightIT {
    @TempDir Path folder;

    @Test
    void runsAnAppFromNothingAndLeavesNothingRunning() throws IOException, InterruptedException {
        Shell shell = Shell.withHome(folder);

        Shell.Ran once =
                shell.mews("run", "examples/hello/app.py::Hello", "--input", "{\"name\": \"Ada\"}")
                        .succeeded();
        assertThat(once.out()).isEqualTo("{\"message\":\"Hello, Ada!\"}\n");
        assertThat(once.err()).contains("starting a server", "building the environment");
        long server = server(shell);

        // The next command finds the same server, and the environment is there already.
        assertThat(interrupted(shell)).contains("/local/hello-").contains("packages: cached");
        assertThat(server(shell)).isEqualTo(server);

        await().atMost(Duration.ofMinutes(1)).until(() -> ProcessHandle.of(server).isEmpty());
        assertThat(shell.serverFile()).doesNotExist();
    }

    /// Runs until the app is up, then presses Ctrl-C.
    ///
    /// @return what was said on standard error
    private static String interrupted(Shell shell) throws IOException, InterruptedException {
        Process staying = shell.startMews("run", "examples/hello/app.py::Hello");
        StringBuilder said = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(
                        new java.io.InputStreamReader(
                                staying.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                said.append(line).append('\n');
                if (line.contains("Application startup complete")) {
                    Shell.interrupt(staying);
                    break;
                }
            }
            lines.lines().forEach(line -> said.append(line).append('\n'));
        }
        assertThat(staying.waitFor()).as("%s", said).isEqualTo(130);
        Shell.Ran runners = shell.mews("runners", "list", "--json").succeeded();
        assertThat(runners.json().path("runners")).isEmpty();
        return said.toString();
    }

    private static long server(Shell shell) throws IOException {
        return Json.MAPPER.readTree(Files.readString(shell.serverFile())).path("pid").asLong();
    }
}
