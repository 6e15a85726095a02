package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import mews.base.Hashes;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkFolderTest {
    @TempDir Path base;

    private final Map<String, String> sent = new LinkedHashMap<>();

    private Path wheels(String name) throws IOException {
        Path folder = Files.createDirectories(base.resolve(name));
        Files.writeString(folder.resolve("a-1-py3-none-any.whl"), "wheel");
        Files.writeString(folder.resolve("b-2.tar.gz"), "source");
        Files.writeString(folder.resolve("notes.txt"), "");
        Files.createDirectories(folder.resolve("c-3.zip"));
        return folder;
    }

    @Test
    void sendsEveryArchiveAndAPageOfThem() throws IOException {
        wheels("wheels");

        URI page = LinkFolder.of("wheels", base).send(this::upload);

        assertThat(page).hasToString("http://files.example/wheels.html?a=1&b=2");
        assertThat(sent).containsOnlyKeys("a-1-py3-none-any.whl", "b-2.tar.gz", "wheels.html");
        assertThat(sent.get("wheels.html"))
                .contains(
                        "<a href=\"http://files.example/b-2.tar.gz?a=1&amp;b=2#sha256=%s\">b-2.tar.gz</a>"
                                .formatted(Hashes.sha256Hex("source")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "file://%s", "file://localhost%s", "file:%s"})
    void wherever(String spelling) throws IOException {
        Path folder = wheels("my wheels");
        String path = spelling.contains(":") ? folder.toUri().getRawPath() : folder.toString();

        LinkFolder found = LinkFolder.of(spelling.formatted(path), Path.of("/elsewhere"));

        assertThat(found.place()).isEqualTo(folder);
        assertThat(found.archives()).hasSize(2);
    }

    @Test
    void oneArchiveIsAFolderOfOne() throws IOException {
        wheels("wheels");

        assertThat(LinkFolder.of("wheels/b-2.tar.gz", base).archives())
                .containsExactly(base.resolve("wheels/b-2.tar.gz"));
    }

    @Test
    void saysWhereItLooked() throws IOException {
        Files.createDirectories(base.resolve("empty"));
        Files.writeString(base.resolve("page.html"), "");

        assertThatThrownBy(() -> LinkFolder.of("./wheels", base))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(
                        "--find-links ./wheels: there is nothing at " + base.resolve("wheels"));
        assertThatThrownBy(() -> LinkFolder.of("empty", base))
                .hasMessageContaining("the folder " + base.resolve("empty") + " has no wheel");
        assertThatThrownBy(() -> LinkFolder.of("page.html", base))
                .hasMessageContaining(base.resolve("page.html") + " is neither a folder nor");
    }

    @Test
    void aCheckOfTheProjectFileTellsIt() throws IOException {
        wheels("wheels");
        Path file = base.resolve("pyproject.toml");
        Files.writeString(
                file,
                """
                [tool.fal.apps.a]
                python_entry_point = "a:A"
                requirements = [["six --find-links ./wheels"], ["-f", "gone", "six -f wheels"]]
                """);

        assertThat(ProjectFile.read(file).problems())
                .singleElement()
                .asString()
                .contains("--find-links gone: there is nothing at " + base.resolve("gone"));
    }

    private URI upload(Path file, String name) {
        try {
            sent.put(name, Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return URI.create("http://files.example/" + name + "?a=1&b=2");
    }
}
