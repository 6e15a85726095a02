package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mews.model.Refusal;
import mews.sandbox.ImageFiles;
import mews.sandbox.SandboxSpec.User;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageUserTest {
    @TempDir private Path root;

    @BeforeEach
    void accounts() throws IOException {
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(
                root.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\n# broken\napp:x:1000:1001:App:/home/app:/bin/sh\n7:x:70:70::/seven:\n");
        Files.writeString(
                root.resolve("etc/group"), "root:x:0:app\napp:x:1001:\nwheel:x:27:x,app\n");
    }

    @Test
    void isRootUnlessTheImageSaysOtherwise() {
        assertThat(user("")).isEqualTo(new ImageUser(User.ROOT, "/root"));
    }

    @Test
    void takesGroupsAndHomeFromTheImage() {
        assertThat(user("app"))
                .isEqualTo(new ImageUser(new User(1000, 1001, List.of(0, 27)), "/home/app"));
        assertThat(user("1000")).isEqualTo(user("app"));
    }

    @Test
    void aGroupThatIsNamedIsTheOnlyOne() {
        assertThat(user("app:wheel").user()).isEqualTo(new User(1000, 27, List.of()));
        assertThat(user("app:99").user()).isEqualTo(new User(1000, 99, List.of()));
    }

    @Test
    void aNumberNeedsNoRow() {
        assertThat(user("4711")).isEqualTo(new ImageUser(new User(4711, 0, List.of()), "/"));
    }

    @Test
    void aNameMayConsistOfDigits() {
        assertThat(user("7").user().uid()).isEqualTo(70);
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatThrownBy(() -> user("nginx"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("'nginx', which is not in its /etc/passwd");
        assertThatThrownBy(() -> user("app:www"))
                .hasMessageContaining("group 'www', which is not in its /etc/group");
    }

    private ImageUser user(String wanted) {
        return ImageUser.of(new ImageFiles(root), wanted);
    }
}
