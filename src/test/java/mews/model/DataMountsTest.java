package mews.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataMountsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "data",
                "/dat",
                "/database",
                "/models",
                "/data/..",
                "/data/../etc",
                "/data/x/../../etc",
                "/data/./x",
                "/data/x\0y",
                "/data/x\ny"
            })
    void whatLeadsElsewhereIsNotAccepted(String path) {
        assertThat(DataMounts.accepts(path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/data", "/data/", "/data/.cache", "/data/a..b/c", "/data/two words"})
    void foldersBelowAreAccepted(String path) {
        assertThat(DataMounts.accepts(path)).isTrue();
    }

    @Test
    void noneAndTheWholeAreAll() {
        assertThat(DataMounts.of(List.of())).isEqualTo(DataMounts.ALL);
        assertThat(DataMounts.of(List.of("/data/x", "/data/"))).isEqualTo(DataMounts.ALL);
        assertThat(DataMounts.ALL.show("/data/anything")).isTrue();
    }

    @Test
    void aFolderInsideAnotherIsThereAlready() {
        DataMounts mounts = DataMounts.of(List.of("/data/b/c", "/data//a/", "/data/b", "/data/bc"));

        assertThat(mounts.parts()).containsExactly("a", "b", "bc");
        assertThat(mounts.show("/data/b/c/d")).isTrue();
        assertThat(mounts.show("/data/a")).isTrue();
        assertThat(mounts.show("/data/abc")).isFalse();
        assertThat(mounts.show("/data")).isFalse();
    }
}
