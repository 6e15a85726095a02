package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import mews.base.Hashes;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.Refusal;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlVersion;

/// With the real uv and a real build backend.
class PackagingIT {
    private static final Path TOOLS = Path.of("target/it/tools").toAbsolutePath();

    /// As the documents have it: an inline table over several lines.
    private static final String SNIPPET =
            """
            [project]
            name = "my-image-app"
            version = "0.1.0"
            dependencies = ["fal"]

            [tool.fal.apps]
            image-generator = {
              python_entry_point = "my_image_app.server:ImageGenerator",
              requirements = [%s],
              auth = "private",
              machine_type = "GPU-H100"
            }
            """;

    private final Interpreters interpreters = Interpreters.ofHost();
    private final Packaging packaging = new Packaging(TOOLS, interpreters, new Uv(interpreters));
    private final List<String> said = new ArrayList<>();
    private final Map<String, byte[]> uploaded = new HashMap<>();

    @TempDir Path folder;

    @BeforeEach
    void project() throws IOException {
        Files.createDirectories(TOOLS);
        Files.createDirectories(folder.resolve("my_image_app"));
        Files.writeString(folder.resolve("my_image_app/__init__.py"), "");
        Files.writeString(folder.resolve("my_image_app/server.py"), "class ImageGenerator: ...\n");
        Files.createDirectories(folder.resolve(".venv/lib"));
        Files.writeString(folder.resolve(".venv/lib/huge.py"), "x = 1\n");
    }

    @Test
    void packagesTheProjectOfTheDocuments() throws IOException {
        LoadedApp app = packaging.prepare(app("\".\""), this::upload, said::add);

        assertThat(RequirementList.read(app.environment()).layers())
                .containsExactly(
                        List.of("my-image-app @ http://files.example/my_image_app-0.1.0.tar.gz"));
        assertThat(app.run().getEnvironments(0)).isEqualTo(app.environment());
        assertThat(app.register().getEnvironments(0)).isEqualTo(app.environment());
        Map<String, String> members = members(uploaded.get("my_image_app-0.1.0.tar.gz"));
        assertThat(members).containsKey("my_image_app-0.1.0/my_image_app/server.py");
        assertThat(members.keySet()).noneMatch(name -> name.contains(".venv"));
        TomlParseResult toml =
                Toml.parse(members.get("my_image_app-0.1.0/pyproject.toml"), TomlVersion.V1_0_0);
        assertThat(toml.errors()).isEmpty();
        assertThat(toml.contains("tool.fal")).isFalse();
        assertThat(toml.getString("project.name")).isEqualTo("my-image-app");
        assertThat(said).contains("packaging my-image-app from " + folder);
    }

    @Test
    void makesTheSameBytesOfTheSameContent() throws IOException {
        packaging.prepare(app("\".\""), this::upload, said::add);
        String first = Hashes.sha256Hex(uploaded.get("my_image_app-0.1.0.tar.gz"));
        Files.writeString(folder.resolve("my_image_app/server.py"), "class ImageGenerator: ...\n");
        packaging.prepare(app("\".\""), this::upload, said::add);

        assertThat(Hashes.sha256Hex(uploaded.get("my_image_app-0.1.0.tar.gz"))).isEqualTo(first);
    }

    @Test
    void keepsExtrasAndWhatIsNotLocal() throws IOException {
        LoadedApp app =
                packaging.prepare(app("\"numpy\", \".[gpu]\", \".\""), this::upload, said::add);

        assertThat(RequirementList.read(app.environment()).layers().getFirst())
                .containsExactly(
                        "numpy",
                        "my-image-app[gpu] @ http://files.example/my_image_app-0.1.0.tar.gz",
                        "my-image-app @ http://files.example/my_image_app-0.1.0.tar.gz");
        assertThat(said.stream().filter(line -> line.startsWith("uploading"))).hasSize(1);
    }

    @Test
    void packagesAFolderBelow() throws IOException {
        Path below = Files.createDirectories(folder.resolve("projects/foo"));
        Files.writeString(below.resolve("foo.py"), "");
        Files.writeString(
                below.resolve("pyproject.toml"), "[project]\nname = \"foo\"\nversion = \"2\"\n");

        LoadedApp app = packaging.prepare(app("\"projects/foo\""), this::upload, said::add);

        assertThat(RequirementList.read(app.environment()).layers().getFirst())
                .containsExactly("foo @ http://files.example/foo-2.tar.gz");
    }

    @Test
    void leavesAnAppAloneThatHasNothingLocal() throws IOException {
        LoadedApp app = app("\"numpy\", \"--extra-index-url\", \"https://x.example\"");

        assertThat(packaging.prepare(app, this::upload, said::add)).isSameAs(app);
        assertThat(said).isEmpty();
    }

    @Test
    void saysWhatAProjectLacks() throws IOException {
        Path below = Files.createDirectories(folder.resolve("bare"));
        LoadedApp app = app("\"bare\"");

        assertThatThrownBy(() -> packaging.prepare(app, this::upload, said::add))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("cannot package " + below + ": it has no pyproject.toml");
    }

    @Test
    void tellsWhatTheBuildSaid() throws IOException {
        Files.writeString(
                Files.createDirectories(folder.resolve("bad")).resolve("pyproject.toml"),
                "[project]\nname = \"bad\"\nversion = \"not a version\"\n");
        LoadedApp app = app("\"bad\"");

        assertThatThrownBy(() -> packaging.prepare(app, this::upload, said::add))
                .hasMessageContaining("uv build failed:")
                .hasMessageContaining("version");
    }

    @Test
    void sendsAFolderOfWheelsOnceForAllWhoNameIt() throws IOException {
        Path wheels = Files.createDirectories(folder.resolve("dist"));
        Files.writeString(wheels.resolve("foo-1-py3-none-any.whl"), "");

        LoadedApp app =
                packaging.prepare(
                        app("\"foo\", \"--find-links\", \"dist\", \"-f ./dist\", \".\""),
                        this::upload,
                        said::add);

        assertThat(RequirementList.read(app.environment()).layers().getFirst())
                .containsExactly(
                        "foo",
                        "--find-links",
                        "http://files.example/dist.html",
                        "--find-links http://files.example/dist.html",
                        "my-image-app @ http://files.example/my_image_app-0.1.0.tar.gz");
        assertThat(said).containsOnlyOnce("sending 1 archive of " + wheels);
    }

    private LoadedApp app(String requirements) throws IOException {
        Path file = folder.resolve("pyproject.toml");
        Files.writeString(file, SNIPPET.formatted(requirements));
        ProjectFile project = ProjectFile.read(file);
        ProjectApp app = project.apps().get("image-generator");
        assertThat(app).as("%s", project.problems()).isNotNull();
        return DeclaredApp.of(app, interpreters.active().orElseThrow().minor());
    }

    private URI upload(Path file, String name) {
        try {
            uploaded.put(name, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return URI.create("http://files.example/" + name);
    }

    private static Map<String, String> members(byte[] archive) throws IOException {
        Map<String, String> members = new HashMap<>();
        try (var gzip = new GZIPInputStream(new java.io.ByteArrayInputStream(archive));
                var tar = new TarArchiveInputStream(gzip)) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                members.put(
                        entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return members;
    }
}
