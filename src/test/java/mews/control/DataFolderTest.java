package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import mews.model.Refusal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir Path root;
    private DataFolder data;

    @BeforeEach
    void open() throws IOException {
        data = new DataFolder(root);
    }

    @Test
    void theLongestNameIsTaken() throws IOException {
        String longest = "é".repeat(127) + "x";
        data.write("/data/" + longest, new ByteArrayInputStream(new byte[] {1}));

        assertThat(data.list("/data")).singleElement().matches(entry -> entry.size() == 1);
    }

    @Test
    void aNameThatNoFileSystemHoldsIsRefusedInWords() {
        for (String path : new String[] {"/data/" + "é".repeat(128), "a/" + "x".repeat(256)}) {
            assertThatThrownBy(() -> data.file(path))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("a name of 256 bytes is too long; at most 255");
            assertThatThrownBy(() -> data.list(path)).isInstanceOf(Refusal.class);
        }
    }

    @Test
    void aPathThatNoFileSystemHoldsIsRefusedInWords() {
        assertThatThrownBy(() -> data.file("long/".repeat(1000)))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("a path of 5000 bytes is too long; at most 3000");
    }
}
