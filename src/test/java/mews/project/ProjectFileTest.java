package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.base.Json;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Each file under `bad` and `good` says in its last lines what is expected of it.
class ProjectFileTest {
    private static final Path RESOURCES = Path.of("src/test/resources/project");

    @TempDir Path folder;

    @TestFactory
    Stream<DynamicTest> tellsEachProblemWhereItStands() {
        return files("bad")
                .map(file ->
                        dynamicTest(
                                name(file),
                                () -> {
                                    CheckReport report = check(file);

                                    matches(expected(file, "# expect "), report, true);
                                    assertThat(report.exitCode()).isEqualTo(2);
                                }));
    }

    @TestFactory
    Stream<DynamicTest> acceptsWhatIsDocumented() {
        return files("good")
                .map(file ->
                        dynamicTest(
                                name(file),
                                () -> {
                                    CheckReport report = check(file);

                                    matches(List.of(), report, true);
                                    matches(expected(file, "# warns "), report, false);
                                    assertThat(report.exitCode()).isZero();
                                }));
    }

    private static void matches(List<String> expected, CheckReport report, boolean errors) {
        List<String> told =
                report.problems().stream()
                        .filter(problem -> problem.isError() == errors)
                        .map(Problem::human)
                        .toList();
        assertThat(told).as("%s", report.human()).hasSameSizeAs(expected);
        for (int i = 0; i < told.size(); i++) {
            String[] line = expected.get(i).split(" ", 2);
            assertThat(told.get(i))
                    .startsWith("pyproject.toml:" + line[0] + ": ")
                    .contains(line[1]);
        }
    }

    @Test
    void keepsEveryFieldOfAnApp() throws IOException {
        ProjectApp app = app("every-field", "everything");

        assertThat(app.deployment())
                .isEqualTo(
                        new ProjectApp.Deployment(
                                "everything-else",
                                AuthMode.SHARED,
                                "artists",
                                DeploymentStrategy.RECREATE,
                                true,
                                true));
        assertThat(app.machine().types()).containsExactly("GPU-H100", "GPU-A100");
        assertThat(app.scaling()).isEqualTo(new ProjectApp.Scaling(1, 4, 8, 1, 20, 3, 300));
        assertThat(app.clocks()).isEqualTo(new ProjectApp.Clocks(600, 30, 900, 30));
        assertThat(app.serving().retries())
                .isEqualTo(Map.of(RetryCondition.TIMEOUT, 0, RetryCondition.SERVER_ERROR, 2));
        assertThat(app.serving().health())
                .isEqualTo(new ProjectApp.HealthTable("/health", null, null, null, null, "GET"));
        assertThat(app.code().contextDir()).isEqualTo(folder.resolve("src"));
        assertThat(app.target())
                .isEqualTo(
                        new Target.Ref(
                                "src/app.py::ImageGenerator",
                                folder.resolve("src/app.py"),
                                "ImageGenerator"));
    }

    @Test
    void namesAnAppByItsKeyUnlessTheFileNamesIt() throws IOException {
        assertThat(app("documented-multiple", "captioner").deployment().name())
                .isEqualTo("captioner");
    }

    @Test
    void keepsRequirementsAsLayersOrFlat() throws IOException {
        ProjectApp.Requirements flat =
                app("documented-entry-point", "image-generator").code().requirements();
        ProjectApp.Requirements layered = app("layers", "layered").code().requirements();

        assertThat(flat.shape()).isEqualTo(List.of("."));
        assertThat(layered.layered()).isTrue();
        assertThat(layered.layers()).hasSize(3);
    }

    @Test
    void appliesDefaultsInTheNormalForm() throws IOException {
        place(RESOURCES.resolve("good/documented-entry-point.toml"));

        var app =
                Json.MAPPER
                        .readTree(CheckReport.check(folder, null).json())
                        .at("/apps/image-generator");

        assertThat(app.at("/name").asString()).isEqualTo("image-generator");
        assertThat(app.at("/exposed_port").asInt()).isEqualTo(8080);
        assertThat(app.at("/metrics_port").asInt()).isEqualTo(9090);
        assertThat(app.at("/max_concurrency").asInt()).isEqualTo(2);
        assertThat(app.at("/keep_alive").asInt()).isEqualTo(10);
        assertThat(app.at("/request_timeout").asInt()).isEqualTo(3600);
        assertThat(app.at("/data_mounts/0").asString()).isEqualTo("/data");
    }

    @Test
    void raisesTheDefaultMaximumToTheMinimum() throws IOException {
        write(
                """
                [tool.fal.apps.a]
                python_entry_point = "a:A"
                min_concurrency = 5
                """);

        var json = Json.MAPPER.readTree(CheckReport.check(folder, "a").json());

        assertThat(json.at("/apps/a/max_concurrency").asInt()).isEqualTo(5);
    }

    @Test
    void masksCredentialsInTheNormalForm() throws IOException {
        write(
                """
                [tool.fal.apps.a]
                exposed_port = 80
                image.image = "x/y"
                image.registries.one = { username = "me", password = "hunter2hunter2" }
                image.registries.two = { username = "me", password = "$TOKEN" }
                """);

        String json = CheckReport.check(folder, null).json();

        assertThat(json).doesNotContain("hunter2").contains("$TOKEN");
    }

    @Test
    void tellsPlacesInJson() throws IOException {
        place(RESOURCES.resolve("bad/misspelt-key.toml"));

        var problem =
                Json.MAPPER.readTree(CheckReport.check(folder, null).json()).at("/problems/0");

        assertThat(problem.at("/at").asString()).isEqualTo("pyproject.toml:3:1");
        assertThat(problem.at("/severity").asString()).isEqualTo("error");
        assertThat(problem.at("/code").asString()).isEqualTo("unknown_key");
        assertThat(problem.at("/app").asString()).isEqualTo("demo");
        assertThat(problem.at("/suggestion").asString()).isEqualTo("did you mean 'machine_type'?");
    }

    @Test
    void checksOneAppByItself() throws IOException {
        place(RESOURCES.resolve("bad/all-at-once.toml"));

        assertThat(CheckReport.check(folder, "demo").problems())
                .extracting(Problem::app)
                .containsOnly("demo");
    }

    @Test
    void suggestsTheAppThatWasMeant() throws IOException {
        place(RESOURCES.resolve("good/documented-multiple.toml"));

        assertThat(CheckReport.check(folder, "captionr").human())
                .contains("no app 'captionr'", "did you mean 'captioner'?");
    }

    @Test
    void findsTheFileOfAFolderAbove() throws IOException {
        place(RESOURCES.resolve("good/documented-first.toml"));
        Path below = Files.createDirectories(folder.resolve("src/deep/down"));
        Files.writeString(folder.resolve("src/deep/pyproject.toml"), "[project]\nname = 'x'\n");

        assertThat(ProjectFile.find(below)).contains(folder.resolve("pyproject.toml"));
    }

    @Test
    void looksNoFurtherThanAGitFolder() throws IOException {
        place(RESOURCES.resolve("good/documented-first.toml"));
        Path inner = Files.createDirectories(folder.resolve("inner/.git")).getParent();

        assertThat(ProjectFile.find(inner)).isEmpty();
        assertThat(CheckReport.check(inner, null).exitCode()).isEqualTo(2);
    }

    @Test
    void saysThatAFolderIsNotThere() {
        assertThat(CheckReport.check(folder.resolve("nowhere"), null).human())
                .contains("no folder at " + folder.resolve("nowhere"));
    }

    @Test
    void readsTheFileOfAGitFolderEvenWithoutApps() throws IOException {
        Files.createDirectories(folder.resolve(".git"));
        write("[project]\nname = 'x'\n");

        assertThat(CheckReport.check(folder, null).human()).contains("no [tool.fal.apps] in");
    }

    @Test
    void refusesTenMegabytes() throws IOException {
        write("[tool.fal.apps.a]\n# " + "x".repeat(10_000_000) + "\n");

        assertThat(CheckReport.check(folder, null).human())
                .contains("pyproject.toml:1:1: error:", "at most 1,048,576 are read");
    }

    @Test
    void tellsWhereBytesAreNotUtf8AndChecksTheRest() throws IOException {
        byte[] text =
                """
                [tool.fal.apps.a]
                # caf?
                python_entry_point = "a"
                """
                        .getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < text.length; i++) {
            if (text[i] == '?') {
                text[i] = (byte) 0xe9;
            }
        }
        Files.write(folder.resolve("pyproject.toml"), text);

        assertThat(CheckReport.check(folder, null).problems())
                .extracting(Problem::human)
                .satisfiesExactly(
                        first ->
                                assertThat(first)
                                        .contains("pyproject.toml:2:6", "byte 0xe9 is not UTF-8"),
                        second -> assertThat(second).contains("pyproject.toml:3:1"));
    }

    @Test
    void tellsWhyAFileCannotBeRead() throws IOException {
        Files.createSymbolicLink(folder.resolve("pyproject.toml"), Path.of("nowhere.toml"));

        assertThat(CheckReport.check(folder, null).human())
                .contains("pyproject.toml:1:1: error: cannot read", "the link leads nowhere");
    }

    @Test
    void showsEveryBoundInTheDocumentation() throws IOException {
        String page = Files.readString(Path.of("docs/project-file.md"));

        for (Bound bound : Bound.values()) {
            assertThat(page).contains("| `%s` | %s |".formatted(bound.field(), bound.range()));
        }
        assertThat(page).contains("%,d bytes".formatted(Bound.FILE_BYTES));
    }

    private ProjectApp app(String file, String key) throws IOException {
        place(RESOURCES.resolve("good/" + file + ".toml"));
        ProjectApp app = ProjectFile.read(folder.resolve("pyproject.toml")).apps().get(key);
        assertThat(app).isNotNull();
        return app;
    }

    private CheckReport check(Path file) throws IOException {
        place(file);
        return CheckReport.check(folder, null);
    }

    /// The files that the examples name are there.
    private void place(Path file) throws IOException {
        Files.createDirectories(folder.resolve("src"));
        Files.createDirectories(folder.resolve("wheels"));
        for (String name :
                List.of(
                        "src/app.py",
                        "src/image_app.py",
                        "Dockerfile",
                        "wheels/a-1-py3-none-any.whl")) {
            Files.writeString(folder.resolve(name), "");
        }
        Files.writeString(folder.resolve("pyproject.toml"), Files.readString(file));
    }

    private void write(String text) throws IOException {
        Files.writeString(folder.resolve("pyproject.toml"), text);
    }

    private static Stream<Path> files(String kind) {
        try {
            return Files.list(RESOURCES.resolve(kind)).sorted();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String name(Path file) {
        @Nullable Path name = file.getFileName();
        return String.valueOf(name);
    }

    private static List<String> expected(Path file, String mark) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(mark))
                .map(line -> line.substring(mark.length()))
                .toList();
    }
}
