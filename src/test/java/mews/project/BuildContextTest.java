package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import mews.model.Refusal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildContextTest {
    @TempDir Path given;
    private Path folder = Path.of("/");

    @BeforeEach
    void tree() throws IOException {
        folder = given.toRealPath().resolve("context");
        for (String name :
                List.of(
                        "README.md",
                        "app.py",
                        "data/one.txt",
                        "data/deep/two.txt",
                        "data/deep/three.pyc",
                        "node_modules/x/index.js",
                        ".git/HEAD",
                        "other.py")) {
            write(name);
        }
    }

    @Test
    void takesWhatTheDockerfileNamesAndNothingElse() {
        assertThat(sent("COPY app.py data/ /x/"))
                .containsExactly("app.py", "data/deep/two.txt", "data/one.txt");
        assertThat(sent("COPY *.py /x/")).containsExactly("app.py", "other.py");
        assertThat(sent("COPY /data/*/t?o.txt /x/")).containsExactly("data/deep/two.txt");
        assertThat(sent("COPY da[a-t]a/one.* ./app.py /x/"))
                .containsExactly("app.py", "data/one.txt");
        assertThat(sent("RUN make")).isEmpty();
    }

    @Test
    void takesEverythingForTheWholeContextOrAVariable() {
        List<String> all = List.of("app.py", "data/deep/two.txt", "data/one.txt", "other.py");

        assertThat(sent("COPY . .")).containsExactlyElementsOf(all);
        assertThat(sent("ARG WHAT\nCOPY ${WHAT} .")).containsExactlyElementsOf(all);
        assertThat(sent("COPY absent-or-not*.lock app.py .")).containsExactly("app.py");
    }

    @Test
    void honoursTheIgnoreFileWhoseLastMatchDecides() throws IOException {
        Files.writeString(
                folder.resolve(".dockerignore"),
                """
                # comment
                *
                !data/
                !README.md
                data/deep/*.pyc
                """);

        assertThat(sent("COPY . ."))
                .containsExactly("README.md", "data/deep/two.txt", "data/one.txt");
    }

    @Test
    void aPatternWithASlashBelongsToTheTopOthersToAnyDepth() {
        IgnoreRules rules = IgnoreRules.of(List.of("/top", "a/b", "any", "dir/", "x/**/z", "**/q"));

        assertThat(
                        List.of(
                                "top", "top/x", "a/b/c", "s/any", "any/s", "dir/f", "s/dir/f",
                                "x/z", "x/1/2/z", "s/q"))
                .allMatch(rules::ignores);
        assertThat(List.of("s/top", "s/a/b", "many", "dir", "xz", "a.b")).noneMatch(rules::ignores);
    }

    @Test
    void readsTheExpressionsOfTheOfficialClient() {
        IgnoreRules rules =
                IgnoreRules.ofRegexes(
                        List.of("^(?:.+/)?\\.git(?:(?P<ps_d>/).*)?$", "^x(?P<a>b)(?P=a)$"));

        assertThat(List.of(".git", "s/.git/HEAD", "xbb")).allMatch(rules::ignores);
        assertThat(rules.ignores(".gitx")).isFalse();
    }

    @Test
    void keepsPermissionsAndFollowsLinksInside() throws IOException {
        Files.setPosixFilePermissions(
                folder.resolve("app.py"), PosixFilePermissions.fromString("rwxr-x---"));
        Files.createSymbolicLink(folder.resolve("data/link.py"), folder.resolve("app.py"));
        Files.createSymbolicLink(folder.resolve("data/loop"), folder.resolve("data"));

        List<AppFiles.Entry> entries = context("COPY data /x").select();

        assertThat(entries)
                .extracting(AppFiles.Entry::relativePath)
                .containsExactly("data/deep/two.txt", "data/link.py", "data/one.txt");
        assertThat(entries.get(1).mode() & 0777).isEqualTo(0750);
    }

    @Test
    void refusesALinkThatLeaves() throws IOException {
        Path outside = Files.writeString(folder.resolveSibling("outside.txt"), "secret");
        Files.createSymbolicLink(folder.resolve("data/out.txt"), outside);

        assertThatThrownBy(() -> sent("FROM x\nCOPY data /x"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("line 2 names 'data'")
                .hasMessageContaining("data/out.txt is a link to " + outside);

        Files.writeString(folder.resolve(".dockerignore"), "*.txt\n");
        assertThat(sent("COPY data /x")).containsExactly("data/deep/three.pyc");
    }

    @Test
    void namesWhatIsNotThereOrLeftOut() {
        assertThatThrownBy(() -> sent("FROM x\n\nCOPY nothing.txt /x"))
                .hasMessage(
                        "Dockerfile line 3 names 'nothing.txt': there is nothing at "
                                + folder.resolve("nothing.txt"));
        assertThatThrownBy(() -> sent("COPY README.md /x"))
                .hasMessageContaining("README.md is left out by .dockerignore (there is none,");
        assertThatThrownBy(() -> sent("COPY ../outside.txt /x"))
                .hasMessageContaining("names '../outside.txt': '..' leads out of");
        assertThatThrownBy(() ->
                        new BuildContext(
                                        folder.resolve("no"), "COPY a /", IgnoreRules.of(List.of()))
                                .select())
                .hasMessageContaining("no build context at " + folder.resolve("no"));
    }

    @Test
    void refusesAFileThatIsTooLarge() throws IOException {
        try (RandomAccessFile large =
                new RandomAccessFile(folder.resolve("large.bin").toFile(), "rw")) {
            large.setLength(AppFiles.FILE_BYTES + 1);
        }

        assertThatThrownBy(() -> sent("COPY large.bin /x"))
                .hasMessageContaining("the context file " + folder.resolve("large.bin"))
                .hasMessageContaining("at most 1,073,741,824");
    }

    private List<String> sent(String dockerfile) {
        return context(dockerfile).select().stream().map(AppFiles.Entry::relativePath).toList();
    }

    private BuildContext context(String dockerfile) {
        return new BuildContext(folder, dockerfile, IgnoreRules.ofContext(folder));
    }

    private void write(String name) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), name);
    }
}
