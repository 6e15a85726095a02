package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mews.sandbox.SandboxSpec.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {
    @TempDir private Path root;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(root.resolve("usr/bin"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("usr/bin/sh"), "shell");
        Files.createSymbolicLink(root.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(root.resolve("etc/sh"), Path.of("/bin/sh"));
        Files.createSymbolicLink(root.resolve("etc/out"), Path.of("../../../../usr/bin/sh"));
        Files.createSymbolicLink(root.resolve("etc/round"), Path.of("round"));
        Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/proc/self/environ"));
    }

    @Test
    void followsLinksWithinTheImage() {
        Path shell = root.resolve("usr/bin/sh");
        for (String path : List.of("/bin/sh", "/etc/sh", "/etc/out", "/../bin/./sh")) {
            assertThat(find(path)).as(path).contains(shell);
        }
    }

    @Test
    void neverLeavesTheImage() {
        assertThat(find("/etc/passwd")).isEmpty();
        assertThat(find("/etc/round")).isEmpty();
        assertThat(find("/nothing")).isEmpty();
        assertThat(new ImageFiles(root).text("/etc/passwd")).isEmpty();
        assertThat(new ImageFiles(root).text("/etc/sh")).isEqualTo("shell");
    }

    /// Every number inside has one outside, none twice, and the user's is the account's.
    @Test
    void mapsEveryUserOnce() {
        for (int inside : List.of(0, 1, 1000, 65_534, 65_535)) {
            List<List<Long>> lines =
                    ImageIds.of(new User(inside, inside, List.of()), "local", 0x70000001).uids();

            assertThat(lines.stream().mapToLong(line -> line.get(2)).sum()).isEqualTo(65_536);
            assertThat(lines).contains(List.of((long) inside, 0x70000001L, 1L));
            assertThat(lines)
                    .allSatisfy(
                            line -> assertThat(line.get(1)).isGreaterThanOrEqualTo(0x40000000L));
        }
        assertThat(ImageIds.of(new User(100_000, 0, List.of()), "local", 0x70000001).uids())
                .contains(List.of(100_000L, 0x70000001L, 1L))
                .hasSize(2);
    }

    private java.util.Optional<Path> find(String path) {
        return new ImageFiles(root).find(path);
    }
}
