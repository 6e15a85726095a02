package mews.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import mews.host.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The fixtures are images as a builder knows them.
@ContainersHere
class TestRegistryIT {
    @Test
    void whatIsPushedCanBePulled(@TempDir Path store) throws Exception {
        try (TestRegistry registry = TestRegistry.start()) {
            String reference = registry.push("team/python:1", TestImages.python());

            Command.Result pulled =
                    Command.run(
                            Duration.ofMinutes(1),
                            "buildah",
                            "--root",
                            store.resolve("root").toString(),
                            "--runroot",
                            store.resolve("run").toString(),
                            "--storage-opt",
                            "overlay.skip_mount_home=true",
                            "pull",
                            "--quiet",
                            "--tls-verify=false",
                            "--creds",
                            TestRegistry.USER + ":" + TestRegistry.PASSWORD,
                            reference);

            assertThat(pulled.ok()).as(pulled.err()).isTrue();
        }
    }
}
