package mews.fleet;

import static mews.fleet.TestContainers.own;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import mews.fleet.FleetFixture.Wish;
import mews.fleet.TestContainers.Settings;
import mews.model.Callable;
import mews.model.Image;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What an owner reads when an image cannot be run, or does not do what it should.
class ContainerFailuresIT {
    private static FleetFixture host;
    private static TestContainers containers;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture();
        assumeTrue(host.sandbox.noRoots().isEmpty(), host.sandbox.noRoots());
        containers = TestContainers.in(host);
    }

    @AfterAll
    static void close() throws IOException {
        assertThat(host.leftovers()).isEmpty();
        host.close();
    }

    @Test
    void anEntrypointThatIsNotThere() throws IOException {
        assertThat(refused(new Settings().entrypoint("serve-it")))
                .isEqualTo(
                        "it could not be started: the image's entrypoint 'serve-it' does not exist in the image,"
                                + " looked for on its PATH; correct entrypoint or cmd, or COPY it in the Dockerfile");
        assertThat(refused(new Settings().entrypoint("./serve-it")))
                .contains("'./serve-it' does not exist in the image;");
        assertThat(refused(new Settings().entrypoint().command()))
                .contains("the image names no process to run");
    }

    @Test
    void anEntrypointThatCannotRun() throws IOException {
        Path srv = containers.files("shell").resolve("srv");
        program(srv.resolve("plain"), "#!/bin/sh\n", "rw-r--r--");
        program(srv.resolve("bash"), "#!/bin/bash -e\n", "rwxr-xr-x");
        program(srv.resolve("windows"), "#!/bin/sh\r\n", "rwxr-xr-x");
        byte[] other = Files.readAllBytes(containers.files("shell").resolve("usr/bin/cat"));
        other[18] = 0x16;
        Files.write(srv.resolve("s390x"), other);
        Files.setPosixFilePermissions(
                srv.resolve("s390x"), PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThat(refused(new Settings().entrypoint("/srv/plain")))
                .contains("'/srv/plain' is not executable; RUN chmod +x");
        assertThat(refused(new Settings().entrypoint("/srv/bash")))
                .contains("is a script for /bin/bash, which is not in the image; install it");
        assertThat(refused(new Settings().entrypoint("/srv/windows")))
                .contains("its lines end as on Windows");
        assertThat(refused(new Settings().entrypoint("/srv/s390x")))
                .contains("is made for s390x, and this machine is ")
                .contains("choose the image for linux/");
    }

    @Test
    void aUserThatTheImageDoesNotKnow() throws IOException {
        assertThat(refused(new Settings().user("nginx")))
                .contains("the image runs as user 'nginx', which is not in its /etc/passwd");
    }

    @Test
    void codeWithoutAPython() throws IOException {
        Image image = containers.shell(new Settings());
        StopReason reason =
                host.end(
                        host.start(new Wish(new Callable.EntryPoint("inside:serve")).image(image)));

        assertThat(reason.detail()).contains("the image has no python on its PATH");
    }

    @Test
    void anImageThatIsGone() {
        Image gone = new Image("key", TestContainers.MINOR, java.util.List.of(), "gone");

        assertThat(host.end(host.start(own(gone))).detail())
                .contains("not on this machine any more; deploy the app again");
    }

    @Test
    void aPortThatNeverOpens() throws IOException {
        Image elsewhere = containers.node(new Settings().command("/srv/server.js", "3000"));
        Image nowhere = containers.shell(new Settings().entrypoint("sleep", "1000").command());

        StopReason other = host.end(host.start(own(elsewhere).startup(Duration.ofSeconds(4))));
        StopReason none = host.end(host.start(own(nowhere).startup(Duration.ofSeconds(4))));

        assertThat(other)
                .isEqualTo(
                        new StopReason(
                                Code.STARTUP_TIMEOUT,
                                "nothing listened on exposed_port 8080 within startup_timeout (4 s), but something did on 3000; have the app listen there, or change exposed_port"));
        assertThat(none.detail()).contains("nor on any other port; have the app listen there");
    }

    @Test
    void aProcessThatEndsAtOnce() throws IOException {
        Image image =
                containers.shell(
                        new Settings().entrypoint("sh", "-c").command("echo no config; exit 3"));

        StopReason reason = host.end(host.start(own(image)));

        assertThat(reason)
                .isEqualTo(
                        new StopReason(
                                Code.EXITED,
                                "the app ended with exit code 3 before it was ready; its last line was: no config"));
    }

    private static String refused(Settings settings) throws IOException {
        StopReason reason = host.end(host.start(own(containers.shell(settings))));
        assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
        return reason.detail();
    }

    private static void program(Path file, String text, String permissions) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
