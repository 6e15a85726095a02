package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import mews.testing.ContainersHere;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Container images on a server of somebody who is not root. Of the long tests: it is a server
/// more.
@ContainersHere
@EnabledIfSystemProperty(named = "mews.long", matches = "true")
class OrdinaryUserContainersIT {
    private static final Path EXAMPLE = Shell.CHECKOUT.resolve("examples/docker-server");

    /// Fails if the step reaches what listens on this host.
    private static final String APART =
            """
            USER root
            RUN ["python3", "-c", "import os, socket, sys; os.mkdir('/kept'); os.chown('/kept', 33, 33); sys.exit(socket.socket().connect_ex(('127.0.0.1', %s)) == 0)"]
            USER 1000
            """;

    @TempDir static Path folder;

    @Test
    void anImageIsBuiltAndRunsAsTheUserThatItNames() throws Exception {
        Optional<OrdinaryUser> user = OrdinaryUser.find();
        assumeTrue(user.isPresent(), "nobody but root may use numbers of /etc/subuid here");
        try (LocalImages images = new LocalImages();
                Served served = Served.by(user.get(), folder)) {
            served.shell
                    .mews("secrets", "set", "REGISTRY_PASSWORD=" + TestRegistry.PASSWORD)
                    .succeeded();
            Path project = images.adapted(EXAMPLE, folder);
            String port = images.python().replaceAll(".*:(\\d+)/.*", "$1");
            Files.writeString(
                    project.resolve("Dockerfile"),
                    APART.formatted(port),
                    StandardOpenOption.APPEND);

            served.shell.in(project).mews("deploy", "docker-server").succeeded();
            Shell.Ran called =
                    served.shell.mews("call", "docker-server", "--input", "{\"name\": \"Ada\"}");

            assertThat(called.succeeded().out()).contains("Welcome, Ada!");
            assertThat(inside(served)).isEqualTo("1000 0 33");
            assertThat(changes()).hasSize(1);
        }
        assertThat(changes()).isEmpty();
    }

    /// Who the app is, and whose two files of the image are.
    private static String inside(Served served) {
        JsonNode runner =
                served.shell.mews("runners", "list", "--json").json().path("runners").get(0);
        return served.shell
                .mews(
                        "runners",
                        "exec",
                        runner.path("runner_id").asString(),
                        "--",
                        "/bin/sh",
                        "-c",
                        "echo $(id -u) $(stat -c %u /etc/passwd /kept)")
                .succeeded()
                .out()
                .strip();
    }

    /// What runners changed in their images, owned by numbers that are nobody's.
    private static List<Path> changes() throws Exception {
        Path runners = folder.resolve("home/runners");
        if (!Files.exists(runners)) {
            return List.of();
        }
        try (Stream<Path> each = Files.list(runners)) {
            return each.toList();
        }
    }
}
