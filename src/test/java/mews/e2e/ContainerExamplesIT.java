package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import mews.testing.ContainersHere;
import mews.testing.TestRegistry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Everything that brings an image: the examples and fal's documented snippets, with base images of
/// this machine, deployed and called both ways.
@ContainersHere
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContainerExamplesIT {
    private static final Path EXAMPLES = Shell.CHECKOUT.resolve("examples");
    private static final Path SNIPPETS = Shell.CHECKOUT.resolve("src/test/resources/containers");

    @TempDir static Path folder;
    private LocalImages images;
    private Served served;

    @BeforeAll
    void serve() throws Exception {
        images = new LocalImages();
        Shell.write(
                folder.resolve("home/mews.toml"),
                "[machines]\n\"GPU-H100\" = \"cpu:1,1GB\"\n[containers]\nmirror = \"%s\"\n"
                        .formatted(images.mirror()));
        served = new Served(folder);
        served.shell
                .mews(
                        "secrets",
                        "set",
                        "REGISTRY_PASSWORD=" + TestRegistry.PASSWORD,
                        "DOCKERHUB_TOKEN=of nobody",
                        "PIP_TOKEN=twelve bytes")
                .succeeded();
    }

    @AfterAll
    void stop() throws IOException {
        served.close();
        images.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "system-packages | {\"text\": \"hello\"} | {\"banner\":\"----\\nhello\\n----\\n\"}",
                "pinned-packages | {} | {\"tabulate\":\"0.8.10\",\"cuda\":\"12.4\"}",
                "docker-server | {\"name\": \"Ada\"} | {\"message\": \"Welcome, Ada!\"}",
                "node-server | {\"text\": \"one two three\"} | {\"words\":3,\"engine\":\"node\"}"
            })
    void anExampleAnswersSyncAndThroughTheQueue(String example, String input, String answer) {
        Shell.Ran deployed = deploy(EXAMPLES.resolve(example));

        assertThat(deployed.err()).contains("step 1/").doesNotContain(TestRegistry.PASSWORD);
        assertThat(call(example, "--input", input).out().strip()).isEqualTo(answer);
        assertThat(call(example, "--input", input, "--queue").out().strip()).isEqualTo(answer);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "documented-class | POST | / | [\"apt-get update\",\"apt-get install -y ffmpeg\",\"pip install diffusers transformers\"]",
                "documented-dockerfile | POST | / | cuda 12.4, a token of 12",
                "documented-image | GET | /nsswitch.conf | hosts: files dns",
                "copied | POST | / | {\"folder\":\"/srv\",\"writable\":false,\"files\":[\"kept.md\",\"words.txt\"],\"words\":[\"one\",\"two\"]}"
            })
    void aDocumentedSnippetAnswers(String snippet, String method, String path, String answer) {
        deploy(SNIPPETS.resolve(snippet));

        assertThat(call(snippet + path, "--method", method).out().strip()).isEqualTo(answer);
        if (method.equals("POST")) {
            assertThat(call(snippet + path, "--queue").out().strip()).isEqualTo(answer);
        }
    }

    @Test
    void whatTheOfficialCommandDoesNotSendIsNamedByTheBuild() {
        Path project = images.adapted(SNIPPETS.resolve("copied"), folder.resolve("official"));
        Shell shell = served.shell.in(project);
        // The official SDK is there once Mews has evaluated an app.
        shell.mews("run", "copied", "--input", "{}").succeeded();

        Shell.Ran official = OfficialCommand.of(served.shell, folder).run(shell, "deploy copied");

        assertThat(official.exitCode()).isNotZero();
        assertThat(official.out() + official.err()).contains("words.txt");
    }

    @Test
    void aBuildEndsWhenTheOneWhoWatchesItDoes() throws Exception {
        Path project = images.adapted(SNIPPETS.resolve("endless"), folder);
        Process deploy = served.shell.in(project).startMews("deploy", "endless");
        BufferedReader said = new BufferedReader(deploy.errorReader(StandardCharsets.UTF_8));
        String line = said.readLine();
        while (line != null && !line.equals("working")) {
            line = said.readLine();
        }
        assertThat(line).isEqualTo("working");

        Shell.interrupt(deploy);

        assertThat(Shell.finish(deploy).exitCode()).isEqualTo(130);
        await().until(() -> sleepers() == 0);
    }

    private static long sleepers() {
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .filter(line -> line.contains("sleep 1234"))
                                .isPresent())
                .count();
    }

    private Shell.Ran deploy(Path project) {
        Path copy = images.adapted(project, folder);
        return served.shell
                .in(copy)
                .with("BASE", images.python())
                .mews("deploy", String.valueOf(copy.getFileName()))
                .succeeded();
    }

    private Shell.Ran call(String app, String... more) {
        String[] words = new String[more.length + 2];
        words[0] = "call";
        words[1] = app;
        System.arraycopy(more, 0, words, 2, more.length);
        return served.shell.mews(words).succeeded();
    }
}
