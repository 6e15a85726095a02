package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A `mews serve` for the length of a test class.
final class Served implements AutoCloseable {
    final Shell shell;
    private final Process server;

    Served(Path folder) {
        this(folder, Map.of());
    }

    /// @param variables of the server, and of what its shell runs
    Served(Path folder, Map<String, String> variables) {
        this(folder, variables, "serve");
    }

    static Served atPort(int port, Path folder) {
        return new Served(folder, Map.of(), "serve", "--port", String.valueOf(port));
    }

    private Served(Path folder, Map<String, String> variables, String... command) {
        Shell its = Shell.withHome(folder);
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            its = its.with(variable.getKey(), variable.getValue());
        }
        shell = its;
        SharedTools.lendTo(shell.home());
        Path log = folder.resolve("serve.log");
        server = shell.startMews(command);
        Thread.startVirtualThread(() -> {
            try (var in = server.getErrorStream()) {
                Files.copy(in, log);
            } catch (IOException ended) {
                // With the server.
            }
        });
        await("server.json")
                .atMost(Duration.ofMinutes(2))
                .until(() -> Files.exists(shell.serverFile()) || !server.isAlive());
    }

    @Override
    public void close() {
        server.destroy();
        try {
            if (!server.waitFor(60, TimeUnit.SECONDS)) {
                server.destroyForcibly();
                throw new AssertionError("the server did not stop within 60 s of SIGTERM");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        SharedTools.keepFrom(shell.home());
    }

    /// Waits until no runner is left of whatever ran.
    void awaitNoRunners() {
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() ->
                        assertThat(shell.mews("runners", "list", "--json").json().path("runners"))
                                .isEmpty());
    }
}
