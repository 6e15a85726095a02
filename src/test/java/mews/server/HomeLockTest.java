package mews.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import mews.base.Home;
import mews.base.Seal;
import mews.model.Addresses;
import mews.model.Refusal;
import mews.testing.SecretsInMemory;
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
        byte[] sealed = SealingKeys.seal(home).seal(new byte[] {7});
        assertThat(SealingKeys.seal(home).open(sealed)).containsExactly(7);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.sealKey())))
                .isEqualTo("rw-------");
        Files.write(home.sealKey(), new byte[3]);
        assertThatThrownBy(() -> SealingKeys.seal(home)).isInstanceOf(Refusal.class);
    }

    /// A server that is killed between the two opens everything with the file alone.
    @Test
    void aNewSealingKeyIsInTheFileBeforeItSeals() throws Exception {
        Home home = new Home(folder, folder);
        Seal seal = SealingKeys.seal(home);
        byte[] before = seal.seal(new byte[] {1});

        assertThat(new SealingKeys(home, seal, new SecretsInMemory(Map.of())).getAsInt()).isZero();

        byte[] after = seal.seal(new byte[] {2});
        Seal next = SealingKeys.seal(home);
        assertThat(next.open(before)).containsExactly(1);
        assertThat(next.open(after)).containsExactly(2);
        assertThat(Files.size(home.sealKey())).isEqualTo(64);
        assertThat(Files.getPosixFilePermissions(home.sealKey())).hasSize(2);
    }
}
