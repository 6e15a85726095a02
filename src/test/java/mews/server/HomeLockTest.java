package mews.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import mews.base.Home;
import mews.model.Addresses;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeLockTest {
    @TempDir private Path folder;

    @Test
    void refusesASecondServerAndNamesTheFirst() throws IOException {
        Home home = new Home(folder.resolve("home"), folder.resolve("sockets"));
        try (HomeLock first = HomeLock.take(home)) {
            assertThat(first).isNotNull();
            ServerFile.of(new Addresses("http://127.0.0.1:1", "", "", ""), "now").write(home);
            assertThatThrownBy(() -> HomeLock.take(home))
                    .isInstanceOf(Refusal.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("http://127.0.0.1:1");
        }
        HomeLock.take(home).close();
    }

    @Test
    void theSealingKeyStaysAndIsPrivate() throws IOException {
        Home home = new Home(folder, folder);
        byte[] sealed = FirstStart.seal(home).seal(new byte[] {7});
        assertThat(FirstStart.seal(home).open(sealed)).containsExactly(7);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.sealKey())))
                .isEqualTo("rw-------");
        Files.write(home.sealKey(), new byte[3]);
        assertThatThrownBy(() -> FirstStart.seal(home)).isInstanceOf(Refusal.class);
    }
}
