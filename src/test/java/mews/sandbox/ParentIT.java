package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import mews.base.Home;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When the sandbox of a parent ends.
class ParentIT {
    private static final String LISTENS =
            "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1]); print('there')";

    @TempDir private static Path root;

    @Test
    void endsWithAParentThatNeverListenedAndKeepsTheForksOfOneThatDid() throws Exception {
        Home home = new Home(root.resolve("home"), root.resolve("run"));
        Files.createDirectories(home.root());
        Path folder = Files.createDirectory(root.resolve("folder"));
        String door = folder.resolve("door").toString();
        try (Sandboxes sandboxes = Sandboxes.open(home, List.of())) {
            Sandbox sandbox = sandboxes.sandbox();
            assumeTrue(sandbox.noForks().isEmpty(), sandbox.noForks());
            SandboxFixture fixture = new SandboxFixture(sandbox, folder);

            try (SandboxProcess broken =
                    sandbox.startParent(spec(fixture, "/bin/false"), List.of(), door)) {
                broken.exit().get(60, TimeUnit.SECONDS);
            }

            String python = SandboxFixture.PYTHON.path().toString();
            SandboxSpec listens = spec(fixture, python, "-c", LISTENS, door);
            try (SandboxProcess kept = sandbox.startParent(listens, List.of(), door)) {
                assertThat(new String(kept.stdout().readNBytes(6))).isEqualTo("there\n");
                assertThat(Files.exists(folder.resolve("door"))).isTrue();
                assertThat(kept.exit()).isNotDone();
            }
        }
    }

    private static SandboxSpec spec(SandboxFixture fixture, String... command) {
        return fixture.spec(Network.NONE, Limits.NONE, Map.of(), List.of(command));
    }
}
