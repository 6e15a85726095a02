package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import mews.base.Folders;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// An environment from its deploy to its loss and back, on the command line.
class LostLayerIT {
    private static Served served;

    @TempDir private static Path folder;

    @BeforeAll
    static void start() {
        served = new Served(folder);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Test
    void whatIsLostFromDiskIsMadeAgainAndWhatIsNeededIsNotPruned() throws Exception {
        String first = deploy();
        call();
        String lock = lock();
        assertThat(lock).contains("fastapi==").contains("--hash=sha256:").contains("# from ");
        List<String> layers = layers();
        assertThat(layers).isNotEmpty();

        killRunners();
        for (String layer : layers) {
            Path place = folder.resolve("home/layers").resolve(layer);
            // Nobody writes to it any more then.
            await().atMost(Duration.ofMinutes(2))
                    .until(() -> Files.exists(place.resolve("byte-code")));
            Folders.delete(place);
        }
        call();
        assertThat(layers()).containsExactlyInAnyOrderElementsOf(layers);
        assertThat(served.shell.mews("logs", "hello").succeeded().out())
                .contains("installing it again from its lock");

        killRunners();
        served.shell.mews("cache", "prune", "--all").succeeded();
        assertThat(layers()).containsExactlyInAnyOrderElementsOf(layers);
        String second = deploy();
        assertThat(lock().lines().skip(1)).containsExactlyElementsOf(lock.lines().skip(1).toList());
        assertThat(served.shell.mews("apps", "diff", first, second).succeeded().out())
                .contains("the environments are the same");
        assertThat(served.shell.mews("apps", "lock", "hello", "--revision", "0000").err())
                .contains("revision '0000' of app 'hello' not found");
    }

    /// @return the revision
    private static String deploy() {
        return served.shell
                .in(Shell.CHECKOUT.resolve("examples/hello"))
                .mews("deploy", "hello", "--strategy", "recreate", "--json")
                .succeeded()
                .json()
                .path("revision")
                .asString();
    }

    private static void call() {
        assertThat(
                        served.shell
                                .mews("call", "hello", "--input", "{\"name\": \"Ada\"}")
                                .succeeded()
                                .out())
                .contains("Hello, Ada!");
    }

    private static String lock() {
        return served.shell.mews("apps", "lock", "hello").succeeded().out();
    }

    private static void killRunners() {
        for (JsonNode runner :
                served.shell.mews("runners", "list", "--json").succeeded().json().path("runners")) {
            served.shell.mews("runners", "kill", runner.path("runner_id").asString()).succeeded();
        }
        served.awaitNoRunners();
    }

    /// Those of the account.
    private static List<String> layers() {
        List<String> layers = new ArrayList<>();
        for (JsonNode entry :
                served.shell.mews("cache", "ls", "--json").succeeded().json().path("entries")) {
            if (entry.path("kind").asString().equals("layer")
                    && entry.path("account").asString().equals("local")) {
                layers.add(entry.path("key").asString());
            }
        }
        return layers;
    }
}
