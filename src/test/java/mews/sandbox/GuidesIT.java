package mews.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import mews.base.Folders;
import mews.host.Interpreters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Guides before a parent that is none: what they tell, and what they outlive.
class GuidesIT {
    private static final String ORDER = "{\"type\":\"fork\",\"name\":\"ä\"}";

    private Path folder;
    private Path room;
    private ServerSocketChannel parent;
    private Guides guides;

    @BeforeEach
    void listen() throws IOException {
        folder = Files.createTempDirectory(Path.of("/tmp"), "g");
        room = Files.createDirectory(folder.resolve("room"));
        parent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        parent.bind(UnixDomainSocketAddress.of(folder.resolve("parent")));
        guides = new Guides(new Starter(), folder);
    }

    @AfterEach
    void close() throws IOException {
        parent.close();
        ProcessHandle.current()
                .children()
                .filter(each -> each.info().commandLine().orElse("").contains(folder + "/guide.py"))
                .forEach(ProcessHandle::destroyForcibly);
        Folders.delete(folder);
    }

    @Test
    void aGuideHandsTheOrderOnAndEndsAsTheForkDoes() throws Exception {
        Process guide = stand();
        try (SocketChannel fork = parent.accept()) {
            assertThat(heard(fork)).endsWith(ORDER);
            say(fork, "here");
            assertThat(heard(fork)).isEqualTo("go");
            assertThat(room.resolve("status"))
                    .hasContent("{\"child-pid\": %d}".formatted(ProcessHandle.current().pid()));
            assertThat(guide.isAlive()).isTrue();
            say(fork, "exit 7\n");
            assertThat(guide.waitFor()).isEqualTo(7);
        }
    }

    @Test
    void whyAParentCannotForkIsKept() throws Exception {
        Process guide = stand();
        try (SocketChannel fork = parent.accept()) {
            heard(fork);
            say(fork, "no namespaces: too many");
            assertThat(guide.waitFor()).isEqualTo(125);
        }
        assertThat(room.resolve("problem")).content().contains("no namespaces: too many");
    }

    @Test
    void aGuideOutlivesTheOneItWasForkedFromAndThereIsAnother() throws Exception {
        Process guide = stand();
        try (SocketChannel fork = parent.accept()) {
            begin(fork);
            long first = guide.toHandle().parent().orElseThrow().pid();
            ProcessHandle dead = ProcessHandle.of(first).orElseThrow();
            dead.destroyForcibly();
            dead.onExit().join();
            Process next = stand();
            try (SocketChannel another = parent.accept()) {
                assertThat(heard(another)).endsWith(ORDER);
            }
            assertThat(next.waitFor()).isEqualTo(125);
            say(fork, "exit 0\n");
            assertThat(guide.waitFor()).isZero();
        }
    }

    @Test
    void aForkHearsThatItsGuideWasKilled() throws Exception {
        Process guide = stand();
        try (SocketChannel fork = parent.accept()) {
            begin(fork);
            guide.destroyForcibly();
            assertThat(guide.waitFor()).isEqualTo(137);
            assertThat(fork.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    private Process stand() throws IOException {
        Path python = Interpreters.ofHost().all().getFirst().path();
        String plan = "parent\0" + folder.resolve("parent") + "\0";
        return guides.stand(python, new GuidedProcess.Task(room, plan, ORDER));
    }

    private static void begin(SocketChannel fork) throws IOException {
        heard(fork);
        say(fork, "here");
        heard(fork);
    }

    private static String heard(SocketChannel fork) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        fork.read(bytes);
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }

    private static void say(SocketChannel fork, String text) throws IOException {
        fork.write(StandardCharsets.UTF_8.encode(text));
    }
}
