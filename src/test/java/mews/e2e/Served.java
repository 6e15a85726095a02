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

    /// By somebody else than the one who runs the tests, who has rights over the state folder.
    static Served by(OrdinaryUser user, Path folder) {
        Shell its = lent(folder, Map.of());
        user.give(its.home());
        return new Served(folder, user.shell(its, folder), "serve");
    }

    private Served(Path folder, Map<String, String> variables, String... command) {
        this(folder, lent(folder, variables), command);
    }

    private static Shell lent(Path folder, Map<String, String> variables) {
        Shell its = Shell.withHome(folder);
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            its = its.with(variable.getKey(), variable.getValue());
        }
        SharedTools.lendTo(its.home());
        return its;
    }

    private Served(Path folder, Shell its, String... command) {
        shell = its;
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
