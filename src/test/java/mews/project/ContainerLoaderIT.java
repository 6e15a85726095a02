package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.Refusal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Apps with an image, evaluated with the official SDK, which the first run fetches.
class ContainerLoaderIT {
    private static final Path TOOLS = Path.of("target/it/tools").toAbsolutePath();
    private static final Path SOURCE = Path.of("loader/src").toAbsolutePath();
    private static final SdkHosts HOSTS =
            new SdkHosts(
                    "127.0.0.1:8787", "127.0.0.1:8787", "127.0.0.1:8787", "127.0.0.1:8787", true);

    private static final String APP =
            """
            import fal
            from fal.container import ContainerImage

            class Server(fal.App):
                %s

                @fal.endpoint("/")
                def serve(self) -> dict:
                    return {}
            """;

    private final Interpreters interpreters = Interpreters.ofHost();
    private final Loader loader = new Loader(TOOLS, SOURCE, interpreters, new Uv(interpreters));
    private final List<String> said = new ArrayList<>();

    @TempDir Path given;
    private Path folder = Path.of("/");

    @BeforeEach
    void links() throws IOException {
        Files.createDirectories(TOOLS);
        folder = given.toRealPath();
    }

    @Test
    void aClassBringsItsDockerfileAndWhatItCopies() throws IOException {
        write("Dockerfile", "ARG BASE=python:3.12-slim\nFROM $BASE\nCOPY src model.md /srv/\n");
        write("src/lib.py", "");
        write("src/lib.pyc", "");
        write("model.md", "");
        write(".dockerignore", "*.pyc\n*.md\n!model.md\n");
        write(
                "app.py",
                APP.formatted(
                        """
                        image = ContainerImage.from_dockerfile(
                                "Dockerfile",
                                build_args={"BASE": "registry.local/base:1"},
                                registries={"registry.local": {"username": "me", "password": "$PASS"}},
                                secrets={"TOKEN": "$TOKEN"},
                                cmd=["ignored"],
                            )\
                        """));

        LoadedApp app = load("app.py::Server");

        Struct image = image(app);
        assertThat(app.environment().getKind()).isEqualTo("container");
        assertThat(image.getFieldsOrThrow("dockerfile_str").getStringValue())
                .contains("FROM $BASE");
        assertThat(image.toString())
                .contains("registry.local/base:1")
                .contains("$PASS")
                .contains("$TOKEN");
        assertThat(app.files().select())
                .extracting(AppFiles.Entry::relativePath)
                .containsExactly("model.md", "src/lib.py");
        assertThat(said).anyMatch(line -> line.contains("the image's 'cmd' is unused"));
        assertThat(app.register().getEnvironments(0)).isEqualTo(app.environment());
    }

    @Test
    void aContextFolderAndPatternsOfTheClassHold() throws IOException {
        write("ctx/a.txt", "");
        write("ctx/b.txt", "");
        write(
                "app.py",
                APP.formatted(
                        "image = ContainerImage.from_dockerfile_str('FROM x\\nCOPY . /x', context_dir='ctx',"
                                + " dockerignore=['b.*'])"));

        assertThat(load("app.py::Server").files().select())
                .extracting(AppFiles.Entry::relativePath)
                .containsExactly("a.txt");
    }

    @Test
    void theTableOfTheProjectFileMakesAClassAContainer() throws IOException {
        write("docker/Dockerfile", "FROM x\nCOPY data.txt notes /x/\n");
        write("data.txt", "");
        write("notes/keep.md", "");
        write("notes/drop.md", "");
        write(".dockerignore", "*.md\n!keep.md\n");
        write("src/app.py", APP.formatted("requirements = ['numpy']"));

        LoadedApp app =
                load(
                        """
                        [tool.fal.apps.demo]
                        ref = "src/app.py::Server"
                        [tool.fal.apps.demo.image]
                        dockerfile = "docker/Dockerfile"
                        """,
                        "demo");

        assertThat(app.environment().getKind()).isEqualTo("container");
        assertThat(image(app).getFieldsOrThrow("dockerfile_str").getStringValue())
                .startsWith("FROM x");
        assertThat(RequirementList.read(app.environment()).layers().getFirst())
                .startsWith("numpy")
                .contains("uvicorn");
        assertThat(app.files().select())
                .extracting(AppFiles.Entry::relativePath)
                .containsExactly("data.txt", "notes/keep.md");
    }

    @Test
    void aClassBeatsTheTableOfTheProjectFile() throws IOException {
        write("app.py", APP.formatted("image = ContainerImage.from_dockerfile_str('FROM class')"));

        LoadedApp app =
                load(
                        """
                        [tool.fal.apps.demo]
                        ref = "app.py::Server"
                        [tool.fal.apps.demo.image]
                        image = "file:1"
                        """,
                        "demo");

        assertThat(image(app).getFieldsOrThrow("dockerfile_str").getStringValue())
                .isEqualTo("FROM class");
        assertThat(image(app).getFieldsMap()).doesNotContainKey("image");
    }

    @Test
    void filesOfAContainerAreCopiedByItsDockerfileAlone() throws IOException {
        write("a.txt", "");
        String image = "image = ContainerImage.from_dockerfile_str('FROM x')";
        write("both.py", APP.formatted(image + "\n    app_files = ['a.txt']"));
        write("class.py", APP.formatted("app_files = ['a.txt']"));
        write(
                "function.py",
                """
                import fal

                @fal.function(app_files=["a.txt"])
                def work():
                    return 1
                """);
        String project =
                """
                [tool.fal.apps.demo]
                ref = "%s"
                image = { image = "x" }
                """;

        assertThatThrownBy(() -> load("both.py"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("both.py:")
                .hasMessageContaining("app_files is not supported for container apps");
        assertThatThrownBy(() -> load(project.formatted("class.py"), "demo"))
                .hasMessageContaining("app_files is not supported for container apps");
        assertThatThrownBy(() -> load(project.formatted("function.py"), "demo"))
                .hasMessageContaining("COPY the files in the Dockerfile");
    }

    @Test
    void condaIsRefusedWithWhatToUseInstead() throws IOException {
        write(
                "fn.py",
                """
                import fal

                @fal.function("conda", packages=["numpy"])
                def work():
                    return 1
                """);

        assertThatThrownBy(() -> load("fn.py"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("conda environments are not offered")
                .hasMessageContaining("'requirements'")
                .hasMessageContaining("container image");
    }

    private static Struct image(LoadedApp app) {
        return app.environment().getConfiguration().getFieldsOrThrow("image").getStructValue();
    }

    private LoadedApp load(String reference) {
        return loader.load(Loader.Request.of(reference, folder, HOSTS), said::add);
    }

    private LoadedApp load(String project, String key) throws IOException {
        write("pyproject.toml", project);
        ProjectFile file = ProjectFile.read(folder.resolve("pyproject.toml"));
        ProjectApp app = file.apps().get(key);
        assertThat(app).as("%s", file.problems()).isNotNull();
        return loader.load(Loader.Request.of(app, folder, HOSTS), said::add);
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
