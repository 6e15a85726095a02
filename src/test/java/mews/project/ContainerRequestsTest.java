package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is sent for an image of the project file. protocol: control 4.3
class ContainerRequestsTest {
    @TempDir Path folder;

    @Test
    void ourOwnTableMakesAnImageReadOnly() throws IOException {
        String file =
                """
                [tool.fal.apps.demo]
                exposed_port = 80
                image = { image = "registry.local/team/app:1" }
                [tool.mews.apps.demo]
                read_only = true
                """;

        LoadedApp app = app(file);

        assertThat(image(app).getFieldsOrThrow("read_only").getBoolValue()).isTrue();
        assertThat(app.register().getEnvironments(0)).isEqualTo(app.environment());
        assertThatThrownBy(() ->
                        app(
                                file.replaceFirst(
                                        "(?s)exposed_port.*app:1\" }",
                                        "python_entry_point = \"a:b\"")))
                .hasMessageContaining("[tool.mews.apps.demo] has read_only")
                .hasMessageContaining("goes with a container image");
    }

    @Test
    void anImageAloneHasNoCodeAndNoPortUnlessItSaysSo() throws IOException {
        LoadedApp app =
                app(
                        """
                        [tool.fal.apps.demo]
                        health_check = { path = "/up" }
                        [tool.fal.apps.demo.image]
                        image = "registry.local/team/app:1"
                        cmd = ["serve"]
                        [tool.fal.apps.demo.image.registries."registry.local"]
                        username = "me"
                        password = "$REGISTRY_PASSWORD"
                        """);

        var register = new Requests(app, Requests.Choices.NONE).register(Requests.Deploy.PLAIN);
        var run = new Requests(app, Requests.Choices.NONE).run();

        assertThat(register.hasFunction()).isFalse();
        assertThat(register.hasEntrypoint()).isFalse();
        assertThat(register.getMachineRequirements().hasExposedPort()).isFalse();
        assertThat(register.getMachineRequirements().hasMetricsPort()).isFalse();
        assertThat(register.getHealthCheckConfig().getMethod().name()).isEqualTo("GET");
        assertThat(register.getApplicationName()).isEqualTo("demo");
        assertThat(run.hasEntrypoint()).isFalse();
        assertThat(new Requests(app, Requests.Choices.NONE).probe()).isNull();
        assertThat(register.getEnvironments(0).getKind()).isEqualTo("container");
        Struct image = image(app);
        assertThat(image.getFieldsMap())
                .containsOnlyKeys("image", "registries", "cmd", "use_isolate");
        assertThat(image.getFieldsOrThrow("use_isolate").getBoolValue()).isFalse();
        assertThat(
                        image.getFieldsOrThrow("registries")
                                .getStructValue()
                                .getFieldsOrThrow("registry.local")
                                .getStructValue()
                                .getFieldsOrThrow("password")
                                .getStringValue())
                .isEqualTo("$REGISTRY_PASSWORD");
        assertThat(app.files().select()).isEmpty();
    }

    @Test
    void aDockerfileTravelsAsTextWithTheFilesThatItCopies() throws IOException {
        Files.createDirectories(folder.resolve("docker"));
        Files.writeString(
                folder.resolve("docker/App.Dockerfile"),
                "FROM python:3.12-slim\nCOPY /server.py .\n");
        Files.writeString(folder.resolve("server.py"), "");
        Files.writeString(folder.resolve("private.txt"), "");

        LoadedApp app =
                app(
                        """
                        [tool.fal.apps.demo]
                        python_entry_point = "demo.server:Demo"
                        requirements = ["demo==1"]
                        [tool.fal.apps.demo.image]
                        dockerfile = "docker/App.Dockerfile"
                        build_args = { BASE = "python:3.12-slim" }
                        secrets = { TOKEN = "$PIP_TOKEN" }
                        """);

        Struct image = image(app);
        assertThat(image.getFieldsOrThrow("dockerfile_str").getStringValue())
                .startsWith("FROM python");
        assertThat(image.getFieldsMap()).doesNotContainKey("use_isolate");
        assertThat(texts(image, "docker_files_list")).containsExactly("server.py");
        assertThat(image.getFieldsOrThrow("docker_context_dir").getStringValue())
                .isEqualTo(folder.toString());
        assertThat(
                        image.getFieldsOrThrow("secrets")
                                .getStructValue()
                                .getFieldsOrThrow("TOKEN")
                                .getStringValue())
                .isEqualTo("$PIP_TOKEN");
        assertThat(app.files().select())
                .extracting(AppFiles.Entry::relativePath)
                .containsExactly("server.py");
        assertThat(app.run().getEntrypoint()).isEqualTo("demo.server:Demo.run_local");
        assertThat(app.run().getMachineRequirements().getExposedPort()).isEqualTo(8080);
        assertThat(RequirementList.read(app.environment()).layers())
                .containsExactly(List.of("demo==1"));
        assertThat(app.environment().toString()).doesNotContain("private.txt");
    }

    private static Struct image(LoadedApp app) {
        return app.environment().getConfiguration().getFieldsOrThrow("image").getStructValue();
    }

    private static List<String> texts(Struct image, String key) {
        return image.getFieldsOrThrow(key).getListValue().getValuesList().stream()
                .map(Value::getStringValue)
                .toList();
    }

    private LoadedApp app(String text) throws IOException {
        Path file = folder.resolve("pyproject.toml");
        Files.writeString(file, text);
        ProjectFile project = ProjectFile.read(file);
        ProjectApp app = project.apps().get("demo");
        assertThat(app).as("%s", project.problems()).isNotNull();
        return DeclaredApp.of(app, "3.12");
    }
}
