package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import mews.base.Home;
import mews.sandbox.SandboxFixture.Outcome;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a process finds that is shown parts of a folder only.
class PartsIT {
    @TempDir private static Path root;

    private static Sandboxes sandboxes;
    private static SandboxFixture fixture;
    private static Path data;

    @BeforeAll
    static void open() throws IOException {
        Home home = new Home(root.resolve("home"), root.resolve("run"));
        Files.createDirectories(home.root());
        sandboxes = Sandboxes.open(home, List.of());
        assumeTrue(sandboxes.sandbox().separateFiles(), sandboxes.sandbox().isolation());
        data = Files.createDirectory(root.resolve("data"));
        fixture =
                new SandboxFixture(
                        sandboxes.sandbox(), Files.createDirectory(root.resolve("work")));
        Files.writeString(data.resolve("secret"), "of other apps");
        Files.writeString(Files.createDirectories(data.resolve("a/b")).resolve("file"), "text");
    }

    @AfterAll
    static void close() {
        sandboxes.close();
    }

    private static Outcome shell(String script, String... parts) throws IOException {
        SandboxSpec usual =
                fixture.spec(Network.NONE, Limits.NONE, Map.of(), List.of("/bin/sh", "-c", script));
        List<Bind> binds = new java.util.ArrayList<>(usual.binds());
        for (String part : parts) {
            binds.add(Bind.part(data, part, "/data/" + part));
        }
        return fixture.finish(usual.with(usual.command(), usual.environment(), binds));
    }

    @Test
    void showsThePartsAndNothingElse() throws IOException {
        Outcome seen =
                shell("find /data | sort; echo mine > /data/a/b/mine; touch /data/x", "a/b", "c");

        assertThat(seen.out()).isEqualTo("/data\n/data/a\n/data/a/b\n/data/a/b/file\n/data/c");
        assertThat(seen.err()).contains("/data/x").contains("Read-only file system");
        assertThat(data.resolve("a/b/mine")).hasContent("mine\n");
    }

    @Test
    void makesWhatIsMissing() throws IOException {
        Outcome seen = shell("touch /data/new/deeper/file; ls -ln /data/new", "new/deeper");

        assertThat(seen.err()).isEmpty();
        assertThat(data.resolve("new/deeper/file")).exists();
        assertThat(Files.getAttribute(data.resolve("new"), "unix:uid"))
                .isEqualTo(Files.getAttribute(data, "unix:uid"));
    }

    @Test
    void refusesWhatIsNoFolder() throws IOException {
        Files.createSymbolicLink(data.resolve("up"), Path.of(".."));

        assertThat(shell("echo alive", "up").err())
                .isEqualTo(
                        "mews: '/data/up' cannot be mounted, for '/data/up' is a symbolic link; name the folder that it stands for");
        assertThat(shell("echo alive", "up/home").err())
                .contains("'/data/up/home' cannot be mounted, for '/data/up' is a symbolic link");
        assertThat(shell("echo alive", "a/b/file").err())
                .contains("'/data/a/b/file' is not a folder");
    }

    /// As somebody would who shares the folder and wants out of it.
    @Test
    void isNotFooledByALinkThatComesMeanwhile() throws Exception {
        Path name = data.resolve("flips");
        AtomicBoolean over = new AtomicBoolean();
        Thread flipping =
                Thread.ofPlatform()
                        .start(() -> {
                            while (!over.get()) {
                                attempt(() -> Files.createDirectory(name));
                                attempt(() -> Files.delete(name));
                                attempt(() -> Files.createSymbolicLink(name, root));
                                attempt(() -> Files.delete(name));
                            }
                        });
        try {
            for (int i = 0; i < 20; i++) {
                assertThat(shell("ls -A /data/flips", "flips").out()).isEmpty();
            }
        } finally {
            over.set(true);
            flipping.join();
        }
    }

    private interface Step {
        void take() throws IOException;
    }

    private static void attempt(Step step) {
        try {
            step.take();
        } catch (IOException e) {
            // The other side was faster.
        }
    }
}
