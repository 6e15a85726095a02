package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.base.Hashes;
import mews.model.Image;
import mews.model.MachineKind;
import mews.testing.MadeUp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Folders of archives that came as an uploaded page of links, with the real uv in a sandbox.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LinkFolderIT {
    @TempDir static Path root;
    private BuildBench bench;
    private int sent;

    @BeforeAll
    void open() {
        bench = new BuildBench(root);
    }

    @AfterEach
    void expire() {
        bench.uploads.clear();
    }

    @AfterAll
    void close() {
        bench.close();
    }

    private static byte[] wheel(String name, String version, String... requires) {
        return MadeUp.wheel(name, version, MadeUp.ANYWHERE, "folder", List.of(requires));
    }

    /// At a new address each time, as a client does.
    private String upload(String name, byte[] content) throws IOException {
        String url = "http://127.0.0.1:1/storage/files/b/%d/%s".formatted(++sent, name);
        Path file = Files.write(root.resolve("upload-" + sent), content);
        bench.uploads.put(url, new Uploaded.File(Hashes.sha256Hex(content), file, name));
        return url;
    }

    private String page(Map<String, byte[]> archives) throws IOException {
        StringBuilder page = new StringBuilder();
        for (Map.Entry<String, byte[]> archive : archives.entrySet()) {
            page.append(
                    "<a href=\"%s#sha256=%s\">%s</a>\n"
                            .formatted(
                                    upload(archive.getKey(), archive.getValue()),
                                    Hashes.sha256Hex(archive.getValue()),
                                    archive.getKey()));
        }
        return upload("wheels.html", page.toString().getBytes());
    }

    @Test
    void wheelsAndSourcesAreCandidatesAndKeptByContent() throws IOException {
        Map<String, byte[]> archives =
                Map.of(
                        MadeUp.wheelName("mu_base", "1.0"),
                        wheel("mu_base", "1.0", "mu_src"),
                        "mu_src-2.0.tar.gz",
                        MadeUp.sdist("mu_src", "2.0", "source", ""));
        List<String> first = List.of("mu_base", "--no-index", "--find-links", page(archives));
        Image image = bench.build(first);

        assertThat(bench.told(image, "mu_base")).isEqualTo("1.0 folder");
        assertThat(bench.told(image, "mu_src")).isEqualTo("2.0 source");

        bench.uploads.clear();
        Image again = bench.build(List.of("mu_base", "--no-index", "--find-links", page(archives)));
        assertThat(again).isEqualTo(image);
        assertThat(bench.said()).contains("cached");

        bench.uploads.clear();
        assertThat(bench.builder.ready(image)).isTrue();
        var order = bench.order(false, MachineKind.CPU, List.of(first));
        assertThat(bench.builder.lock(order, image).packages())
                .allSatisfy(each -> {
                    assertThat(each.source()).endsWith("/wheels").doesNotContain("draft");
                    assertThat(each.hashes()).hasSize(1);
                });
    }

    @Test
    void anotherArchiveIsAnotherLayer() throws IOException {
        String name = MadeUp.wheelName("mu_new", "1.0");
        Image one =
                bench.build(
                        List.of(
                                "mu_new",
                                "--no-index",
                                "-f " + page(Map.of(name, wheel("mu_new", "1.0")))));
        byte[] other = MadeUp.wheel("mu_new", "1.0", MadeUp.ANYWHERE, "later", List.of());
        Image two =
                bench.build(
                        List.of("--find-links=" + page(Map.of(name, other)), "mu_new --no-index"));

        assertThat(bench.told(one, "mu_new")).isEqualTo("1.0 folder");
        assertThat(bench.told(two, "mu_new")).isEqualTo("1.0 later");
    }

    @Test
    void aFolderServesItsLayerOnly() throws IOException {
        String page =
                page(
                        Map.of(
                                MadeUp.wheelName("mu_one", "1.0"), wheel("mu_one", "1.0"),
                                MadeUp.wheelName("mu_two", "1.0"), wheel("mu_two", "1.0")));

        assertThat(
                        bench.refusal(
                                List.of("mu_one", "--no-index", "--find-links", page),
                                List.of("mu_two", "--no-index")))
                .contains("mu-two")
                .doesNotContain("draft");
    }

    @Test
    void anArchiveThatExpiredIsToldAsThat() throws IOException {
        String page = page(Map.of(MadeUp.wheelName("mu_one", "3.0"), wheel("mu_one", "3.0")));
        bench.uploads.keySet().removeIf(url -> !url.equals(page));

        assertThat(bench.refusal(List.of("mu_one", "--no-index", "--find-links", page)))
                .contains("1 of the archives that it links to")
                .contains("deploy again");
    }
}
