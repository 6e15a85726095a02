package mews.sandbox;

import static mews.sandbox.ImageFixture.APP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import mews.host.Command;
import mews.sandbox.SandboxFixture.Outcome;
import mews.sandbox.SandboxSpec.Limits;
import mews.sandbox.SandboxSpec.Network;
import mews.sandbox.SandboxSpec.User;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a process on the files of an image finds there.
class ImageRootIT {
    @TempDir private static Path root;

    private static ImageFixture image;

    @BeforeAll
    static void open() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")));
        image = ImageFixture.open(root);
        String reason = image.sandboxes().sandbox().noRoots();
        assumeTrue(reason.isEmpty(), reason);
    }

    @AfterAll
    static void close() {
        if (image != null) {
            image.sandboxes().close();
        }
    }

    @Test
    void isTheImagesRootAndAStrangerOnThisHost() throws IOException {
        Outcome seen =
                image.shell(
                        User.ROOT,
                        "id -u; cat /root/secret; touch /root/mine /data/mine && stat -c %u /root/mine /etc/passwd");

        assertThat(seen.out()).as(seen.err()).isEqualTo("0\nof the image's root0\n0");
        assertThat(image.files().resolve("root/mine")).doesNotExist();
        Object owner =
                Files.getAttribute(
                        image.data().resolve("mine"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
        assertThat(owner).isEqualTo(Files.getAttribute(image.data(), "unix:uid"));
        assertThat((int) owner).isGreaterThan(0x6fffffff);
    }

    @Test
    void isTheUserThatTheImageNames() throws IOException {
        Outcome seen =
                image.shell(
                        APP,
                        "id -u; id -g; id -G; touch /data/app && stat -c %u /data/app /etc/passwd; cat /root/secret");

        assertThat(seen.out()).as(seen.err()).isEqualTo("1000\n1000\n1000 2000\n1000\n0");
        assertThat(seen.err()).contains("/root/secret: Permission denied");
        assertThat(Files.getAttribute(image.data().resolve("app"), "unix:uid"))
                .isEqualTo(Files.getAttribute(image.data(), "unix:uid"));
    }

    @Test
    void changesAreOfOneProcessAndLeaveNothing() throws IOException {
        image.shell(User.ROOT, "echo changed > /etc/passwd; rm -r /usr/lib/python3*");

        assertThat(image.shell(User.ROOT, "head -n 1 /etc/passwd").out()).startsWith("root:");
        assertThat(root.resolve("run/sandbox")).isDirectoryNotContaining("glob:**probe*");
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(root.toString());
    }

    @Test
    void changesNothingWhereItIsReadOnly() throws IOException {
        for (User user : List.of(User.ROOT, APP)) {
            Outcome seen =
                    image.run(
                            image.readOnly(
                                    user,
                                    "for at in /etc/new /root/new /var/tmp/new /tmp/new /data/new /dev/shm/new; do touch $at && echo $at; done; rm /etc/passwd"));

            assertThat(seen.out()).as(seen.err()).isEqualTo("/tmp/new\n/data/new\n/dev/shm/new");
            assertThat(seen.err()).contains("/etc/passwd", "Read-only file system");
        }
    }

    @Test
    void hasItsOwnNamesAndHidesTheImagesLinks() throws IOException {
        Outcome seen =
                image.shell(
                        User.ROOT,
                        "cat /etc/hosts /etc/hostname /etc/resolv.conf; test -L /data || echo mounted; ls /data");

        assertThat(seen.out()).contains("127.0.0.1 localhost").doesNotContain("somebody");
        assertThat(seen.out()).contains("mounted").doesNotContain("passwd");
        assertThat(image.files().resolve("data")).isSymbolicLink();
    }

    @Test
    void anotherProcessIsStartedInItsNetwork() throws IOException {
        for (Network network : List.of(Network.NONE, Network.EGRESS)) {
            String listen =
                    "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 80 if %s else 8080)); s.listen(); print('up', flush=True); time.sleep(60)"
                            .formatted(network == Network.EGRESS ? "True" : "False");
            SandboxSpec spec =
                    image.spec(
                            APP, network, Limits.NONE, List.of("/usr/bin/python3", "-c", listen));
            try (SandboxProcess server = image.sandboxes().sandbox().start(spec)) {
                assertThat(ImageFixture.firstLine(server)).isEqualTo("up");
                SandboxSpec beside =
                        image.host()
                                .spec(
                                        Network.NONE,
                                        Limits.NONE,
                                        Map.of(),
                                        List.of(
                                                SandboxFixture.PYTHON.path().toString(),
                                                "-c",
                                                "import socket, os; socket.create_connection(('127.0.0.1', %d)); print('met', os.path.exists('/root/secret'))"
                                                        .formatted(
                                                                network == Network.EGRESS
                                                                        ? 80
                                                                        : 8080)));
                try (SandboxProcess other =
                        image.sandboxes().sandbox().startBeside(server, beside)) {
                    assertThat(ImageFixture.firstLine(other)).isEqualTo("met False");
                }
            }
        }
    }

    @Test
    void seesTheSumOfTheLayersOfAMountedImage() throws IOException {
        Path mounted = Files.createDirectories(root.resolve("mounted/rootfs"));
        Path upper = Files.createDirectories(root.resolve("upper layer/bin-extra"));
        Files.writeString(upper.resolve("new"), "of the upper layer\n");
        // As image stores do, with names seen from their folder.
        Command.Result done =
                Command.run(
                        Duration.ofSeconds(10),
                        "sh",
                        "-c",
                        "cd \"$0\" && mount -t overlay -o \"lowerdir=upper layer:image/rootfs\" \"$0\" \"$1\"",
                        root.toString(),
                        mounted.toString());
        assertThat(done.ok()).as(done.lastWords()).isTrue();
        try {
            SandboxSpec spec =
                    image.spec(
                            mounted,
                            APP,
                            Network.NONE,
                            Limits.NONE,
                            List.of("/bin/sh", "-c", "cat /bin-extra/new; id -u"));

            assertThat(image.run(spec).out()).isEqualTo("of the upper layer\n1000");
        } finally {
            Command.run(Duration.ofSeconds(10), "umount", mounted.toString());
        }
    }

    @Test
    void tellsWhatStandsInTheWay() throws IOException {
        Path bad = Files.createDirectories(root.resolve("bad/rootfs"));
        Files.createSymbolicLink(bad.resolve("etc"), Path.of("/usr"));
        Outcome seen =
                image.run(
                        image.spec(bad, User.ROOT, Network.NONE, Limits.NONE, List.of("/bin/sh")));

        assertThat(seen.exit().code()).isEqualTo(1);
        assertThat(seen.err())
                .isEqualTo(
                        "mews: /etc of the image is a symbolic link, where /etc/hosts must be put");
    }
}
