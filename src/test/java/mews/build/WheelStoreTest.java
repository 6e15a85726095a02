package mews.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelStoreTest {
    private static final String ONE = "one==1.0 \\\n    --hash=sha256:aa\n    # from https://x/\n";
    private static final String TWO = "two-part==2.0 \\\n    --hash=sha256:bb\n";

    @TempDir private Path folder;
    private Path site;
    private WheelStore store;

    @BeforeEach
    void open() throws IOException {
        site = Files.createDirectory(folder.resolve("site"));
        store = new WheelStore(Files.createDirectory(folder.resolve("store")), "3.11");
        put(".lock", "");
    }

    @Test
    void aPackageKeepsItsFilesAndNoOthers() throws IOException {
        install("one-1.0", "one/__init__.py", "bin/one", "\"one/a, b.txt\"");
        install("two_part-2.0", "two_part.py");

        store.keep(site, Map.of("one", ONE, "two-part", TWO));

        Path kept = store.find(ONE).orElseThrow();
        assertThat(kept.resolve("one/__init__.py")).hasContent("one-1.0");
        assertThat(kept.resolve("bin/one")).exists();
        assertThat(kept.resolve("one/a, b.txt")).exists();
        assertThat(kept.resolve("one-1.0.dist-info/RECORD")).exists();
        assertThat(kept.resolve("two_part.py")).doesNotExist();
        assertThat(store.find(TWO).orElseThrow().resolve("two_part.py")).exists();
    }

    @Test
    void aLayerGivesLinksToItsWheelsAndStaysAsItIs() throws IOException {
        install("one-1.0", "one/__init__.py", "bin/one");
        put("one/__pycache__/__init__.cpython-311.pyc", "?");
        Files.move(site.resolve("bin"), site.resolveSibling("bin"));

        store.keepOf(site, Map.of("one", ONE));

        Path kept = store.find(ONE).orElseThrow();
        assertThat(kept.resolve("bin/one")).exists();
        assertThat(kept.resolve("one/__pycache__")).doesNotExist();
        assertThat(
                        Files.isSameFile(
                                kept.resolve("one/__init__.py"), site.resolve("one/__init__.py")))
                .isTrue();
        assertThat(site.resolve("one/__pycache__/__init__.cpython-311.pyc")).exists();
        try (var all = Files.list(folder.resolve("store"))) {
            assertThat(all).containsExactly(folder.resolve("store/3.11"));
        }
    }

    @Test
    void sameHashesElsewhereAreTheSameFilesAndOthersAreNot() throws IOException {
        install("one-1.0", "one.py");
        store.keep(site, Map.of("one", ONE));

        assertThat(store.find(ONE.replace("https://x/", "https://y/"))).isPresent();
        assertThat(store.find(ONE.replace("aa", "ab"))).isEmpty();
    }

    @Test
    void whatSharesAFileIsNotKept() throws IOException {
        install("one-1.0", "both/__init__.py", "both/one.py");
        install("two_part-2.0", "both/__init__.py", "both/two.py");

        store.keep(site, Map.of("one", ONE, "two-part", TWO));

        assertThat(store.find(ONE)).isEmpty();
        assertThat(store.find(TWO)).isEmpty();
    }

    @Test
    void aSharedFolderIsNotTakenFromItsNeighbour() throws IOException {
        install("one-1.0", "both/one.py", "both/deep/one.py", "one.py");
        install("two_part-2.0", "both/two.py");

        store.keep(site, Map.of("one", ONE));

        Path kept = store.find(ONE).orElseThrow();
        assertThat(kept.resolve("both/one.py")).exists();
        assertThat(kept.resolve("both/deep/one.py")).exists();
        assertThat(kept.resolve("both/two.py")).doesNotExist();
        assertThat(site.resolve("both/two.py")).exists();
        assertThat(site.resolve("one.py")).doesNotExist();
    }

    @Test
    void neighboursOfAFileThatNoneRecordsAreNotKept() throws IOException {
        install("one-1.0", "one/__init__.py");
        install("two_part-2.0", "two_part/__init__.py");
        put("one/unrecorded.so", "?");

        store.keep(site, Map.of("one", ONE, "two-part", TWO));

        assertThat(store.find(ONE)).isEmpty();
        assertThat(store.find(TWO)).isPresent();
    }

    @Test
    void aRecordThatLeadsOutIsNotFollowed() throws IOException {
        Files.writeString(folder.resolve("secret"), "?");
        install("one-1.0", "one.py");
        put("one-1.0.dist-info/RECORD", "one.py,,\n../secret,,\n");

        store.keep(site, Map.of("one", ONE));

        assertThat(store.find(ONE)).isEmpty();
    }

    @Test
    void byteCodeIsTakenOverOnlyOfTheVeryFile() throws IOException {
        install("one-1.0", "one/a.py", "one/b.py");
        store.keep(site, Map.of("one", ONE));
        Path layer = Files.createDirectory(folder.resolve("layer"));
        Path kept = store.find(ONE).orElseThrow();
        HardLinks.tree(kept, layer);
        Files.delete(layer.resolve("one/b.py"));
        Files.writeString(layer.resolve("one/b.py"), "another package's");
        Path made = Files.createDirectory(layer.resolve("one/__pycache__"));
        Files.writeString(made.resolve("a.cpython-311.pyc"), "a");
        Files.writeString(made.resolve("b.cpython-311.pyc"), "b");

        store.adopt(ONE, layer);

        assertThat(kept.resolve("one/__pycache__/a.cpython-311.pyc")).hasContent("a");
        assertThat(kept.resolve("one/__pycache__/b.cpython-311.pyc")).doesNotExist();
    }

    @Test
    void aSourceThatReplacesAnotherTakesNoByteCodeOver() throws IOException {
        install("one-1.0", "same.py");
        put("__pycache__/same.cpython-311.pyc", "of the first");
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("same.py"), "second");

        HardLinks.tree(other, site);

        assertThat(site.resolve("same.py")).hasContent("second");
        assertThat(site.resolve("__pycache__")).isEmptyDirectory();
        assertThat(Files.isSameFile(site.resolve("same.py"), other.resolve("same.py"))).isTrue();
    }

    private void install(String stem, String... files) throws IOException {
        String info = stem + ".dist-info";
        StringBuilder record = new StringBuilder(info + "/RECORD,,\n");
        for (String file : files) {
            put(file.replace("\"", ""), stem);
            record.append(file).append(",sha256=x,1\n");
        }
        put(info + "/METADATA", stem);
        put(info + "/RECORD", record.toString());
    }

    private void put(String file, String content) throws IOException {
        Path path = site.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }
}
