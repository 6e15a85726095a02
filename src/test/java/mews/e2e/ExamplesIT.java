package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Every example deployed from its own folder and called both ways.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExamplesIT {
    @TempDir static Path folder;
    private Served served;

    @BeforeAll
    void serve() {
        served = new Served(folder);
    }

    @AfterAll
    void stop() {
        served.close();
    }

    private Shell.Ran deploy(String example, String app) {
        return served.shell
                .in(Shell.CHECKOUT.resolve("examples").resolve(example))
                .mews("deploy", app, "--json")
                .succeeded();
    }

    private Shell.Ran call(String... args) {
        String[] command = new String[args.length + 1];
        command[0] = "call";
        System.arraycopy(args, 0, command, 1, args.length);
        return served.shell.mews(command);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "hello      | hello      | {\"name\": \"Ada\"} | {\"message\":\"Hello, Ada!\"}",
                "classifier | classifier | {\"sepal_length\": 5.1, \"sepal_width\": 3.5, \"petal_length\": 1.4, \"petal_width\": 0.2} | \"species\":\"setosa\"",
                "two-versions | older    | {} | \"version\":\"0.8.10\"",
                "two-versions | newer    | {} | \"version\":\"0.9.0\"",
                "package    | greeter    | {\"name\": \"Ada\", \"language\": \"fr\"} | {\"message\":\"Bonjour, Ada!\"}",
                "own-server | own-server | {\"n\": 1} | \"method\": \"POST\""
            })
    void answersSyncAndThroughTheQueue(String example, String app, String input, String answer) {
        JsonNode deployed = deploy(example, app).json();

        assertThat(deployed.path("app_name").asString()).isEqualTo(app);
        assertThat(deployed.path("status").asString()).isEqualTo("deployed");
        assertThat(call(app, "--input", input).succeeded().out()).contains(answer);
        assertThat(call(app, "--input", input, "--queue").succeeded().out()).contains(answer);
    }

    @Test
    void drawsAPicture() {
        deploy("image", "image");

        assertThat(call("image", "--input", "{\"color\": \"tomato\"}").succeeded().out())
                .contains("PNG")
                .contains("IEND");
    }

    @Test
    void twoVersionsRunAtOnce() {
        deploy("two-versions", "older");
        deploy("two-versions", "newer");

        Process older = served.shell.startMews("call", "older");
        Process newer = served.shell.startMews("call", "newer");

        assertThat(Shell.finish(older).succeeded().json().path("version").asString())
                .isEqualTo("0.8.10");
        assertThat(Shell.finish(newer).succeeded().json().path("version").asString())
                .isEqualTo("0.9.0");
    }

    @Test
    void administersAnApp() {
        served.shell
                .in(Shell.CHECKOUT.resolve("examples/hello"))
                .mews("deploy", "hello", "--app-name", "tended", "--auth", "public")
                .succeeded();
        call("tended", "--input", "{\"name\": \"Grace\"}").succeeded();

        assertThat(served.shell.mews("logs", "tended").succeeded().out())
                .contains("POST / HTTP/1.1");
        served.shell.mews("apps", "scale", "tended", "--min-concurrency", "2").succeeded();
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(runners("tended")).hasSize(2));
        served.shell
                .mews("apps", "scale", "tended", "--min-concurrency", "0", "--keep-alive", "1")
                .succeeded();
        await().atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(runners("tended")).isEmpty());

        served.shell.mews("apps", "delete", "tended").succeeded();

        Shell.Ran gone = call("tended");
        assertThat(gone.exitCode()).isEqualTo(1);
        assertThat(gone.err()).contains("404");
    }

    private List<String> runners(String app) {
        return served.shell
                .mews("apps", "runners", app, "--json")
                .succeeded()
                .json()
                .path("runners")
                .findValuesAsString("runner_id");
    }

    @Test
    void aSecretReachesTheAppButNoOutput() {
        Path app =
                Shell.write(
                        folder.resolve("secret/app.py"),
                        """
                        import fal


                        class Teller(fal.App):
                            @fal.endpoint("/")
                            def tell(self) -> dict:
                                import os

                                print("the token is", os.environ["TELLER_TOKEN"])
                                return {"length": len(os.environ["TELLER_TOKEN"])}
                        """);
        served.shell.mews("secrets", "set", "TELLER_TOKEN=only-between-us").succeeded();

        Shell.Ran ran = served.shell.mews("run", app + "::Teller", "--input", "{}").succeeded();

        assertThat(ran.out()).isEqualTo("{\"length\":15}\n");
        assertThat(ran.err()).contains("the token is").doesNotContain("only-between-us");
        assertThat(served.shell.mews("secrets", "list").succeeded().out())
                .contains("TELLER_TOKEN")
                .doesNotContain("only-between-us");
    }
}
