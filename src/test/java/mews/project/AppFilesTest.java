package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import mews.base.Hashes;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppFilesTest {
    @TempDir Path given;
    private Path folder = Path.of("/");

    @BeforeEach
    void tree() throws IOException {
        folder = given.toRealPath();
        write("app.py");
        write("data/one.txt");
        write("data/deep/two.txt");
        write("data/__pycache__/one.pyc");
        write("other/three.txt");
    }

    @Test
    void walksFoldersAndLeavesOutWhatIsIgnored() {
        assertThat(paths(List.of("data"), AppDefaults.FILES_IGNORE, null))
                .containsExactly("data/deep/two.txt", "data/one.txt");
    }

    @Test
    void leavesOutTheAppFileItself() {
        assertThat(paths(List.of("."), List.of("^data", "^other"), folder.resolve("app.py")))
                .isEmpty();
    }

    @Test
    void takesEachFileOnce() {
        assertThat(paths(List.of("data/one.txt", "data", "./data/one.txt"), List.of("pyc$"), null))
                .containsExactly("data/one.txt", "data/deep/two.txt");
    }

    @Test
    void hashesContentAndMode() throws IOException {
        Path file = folder.resolve("data/one.txt");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        AppFiles.Entry entry = AppFiles.select(selection(List.of("data/one.txt"))).getFirst();

        assertThat(entry.mode()).isEqualTo(33188);
        assertThat(entry.hash()).isEqualTo(Hashes.sha256Hex("data/one.txt33188"));
        assertThat(entry.size()).isEqualTo("data/one.txt".length());
    }

    @Test
    void followsALinkToAFileButNotToAFolder() throws IOException {
        Files.createSymbolicLink(
                folder.resolve("data/link.txt"), folder.resolve("other/three.txt"));
        Files.createSymbolicLink(folder.resolve("data/loop"), folder.resolve("data"));

        assertThat(paths(List.of("data"), List.of("pyc$"), null))
                .containsExactly("data/deep/two.txt", "other/three.txt", "data/one.txt");
    }

    @Test
    void refusesWhatLeavesTheContext() throws IOException {
        Path outside = Files.createTempFile("outside", ".txt");
        Files.createSymbolicLink(folder.resolve("data/out.txt"), outside);

        assertThatThrownBy(() -> paths(List.of("data"), List.of(), null))
                .hasMessageContaining(outside.toString())
                .hasMessageContaining("outside of " + folder);
        assertThatThrownBy(() -> paths(List.of("../"), List.of(), null))
                .hasMessageContaining("outside of");
    }

    @Test
    void namesAMissingPathAndWhereElseItIs() {
        var selection =
                new AppFiles.Selection(
                        List.of("three.txt"), List.of(), folder, null, folder.resolve("other"));

        assertThatThrownBy(() -> AppFiles.select(selection))
                .hasMessageContaining("nothing at " + folder.resolve("three.txt"))
                .hasMessageContaining(folder.resolve("other/three.txt") + " exists");
    }

    @Test
    void understandsPythonsNamedGroups() {
        assertThat(AppFiles.pattern("(?P<a>x)(?P=a)").matcher("xx").find()).isTrue();
    }

    private List<String> paths(List<String> listed, List<String> ignore, @Nullable Path appFile) {
        return AppFiles.select(new AppFiles.Selection(listed, ignore, folder, appFile, null))
                .stream()
                .map(AppFiles.Entry::relativePath)
                .toList();
    }

    private AppFiles.Selection selection(List<String> listed) {
        return new AppFiles.Selection(listed, List.of(), folder, null, null);
    }

    private void write(String name) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, name);
    }
}
