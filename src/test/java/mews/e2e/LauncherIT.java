package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher in a checkout of its own, with a Maven that packages at once what this build has
/// packaged, and counts how often.
class LauncherIT {
    @TempDir Path folder;
    private Path checkout;
    private Path programs;
    private Shell shell;

    @BeforeEach
    void makeCheckout() throws IOException {
        checkout = folder.resolve("a checkout");
        Files.createDirectories(checkout.resolve("src/main/java"));
        Files.createFile(checkout.resolve("pom.xml"));
        Files.copy(Shell.CHECKOUT.resolve("mews"), checkout.resolve("mews"));
        Files.setPosixFilePermissions(
                checkout.resolve("mews"), PosixFilePermissions.fromString("rwxr-xr-x"));
        programs = folder.resolve("bin");
        maven(
                """
                #!/bin/sh
                echo once >>'%s/count'
                sleep 1
                mkdir -p target/lib && cp '%s/target/mews.jar' target/ && cp '%s'/target/lib/*.jar target/lib/
                """
                        .formatted(folder, Shell.CHECKOUT, Shell.CHECKOUT));
        shell =
                Shell.plain()
                        .in(folder)
                        .with("PATH", programs + ":/usr/bin:/bin")
                        .with("JAVA_HOME", System.getProperty("java.home"))
                        .with("XDG_CACHE_HOME", folder.resolve("cache").toString());
    }

    private void maven(String script) throws IOException {
        Path maven = Shell.write(programs.resolve("mvn"), script);
        Files.setPosixFilePermissions(maven, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Shell.Ran version() {
        return shell.run(checkout.resolve("mews").toString(), "--version");
    }

    private int builds() throws IOException {
        Path count = folder.resolve("count");
        return Files.exists(count) ? Files.readAllLines(count).size() : 0;
    }

    @Test
    void buildsAtFirstUseAndNotAgain() throws IOException {
        Shell.Ran first = version().succeeded();
        Shell.Ran second = version().succeeded();

        assertThat(first.out()).startsWith("mews ");
        assertThat(first.err()).contains("building Mews").contains("built Mews in");
        assertThat(second.err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws IOException {
        version().succeeded();
        Path source = Files.createFile(checkout.resolve("src/main/java/New.java"));
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(1)));

        version().succeeded();

        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void twoAtOnceBuildOnce() throws IOException {
        List<Process> both =
                List.of(
                        shell.start(checkout.resolve("mews").toString(), "--version"),
                        shell.start(checkout.resolve("mews").toString(), "--version"));

        for (Process one : both) {
            Shell.finish(one).succeeded();
        }
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aFailedBuildIsShownAndTriedAgain() throws IOException {
        maven("#!/bin/sh\necho '[ERROR] Greeter.java:[3,1] cannot find symbol'\nexit 1\n");

        Shell.Ran ran = version();

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("cannot find symbol").contains("build.log");
        assertThat(checkout.resolve("target/app/current")).doesNotExist();
    }

    @Test
    void worksThroughALinkFromAnywhere() throws IOException {
        Path link = Files.createSymbolicLink(programs.resolve("fal"), checkout.resolve("mews"));

        Shell.Ran ran = shell.in(Path.of("/")).run(link.toString(), "--help").succeeded();

        assertThat(ran.out()).startsWith("Usage: fal COMMAND");
    }

    @Test
    void saysWhatIsWrongWithAGivenJdk() {
        shell = shell.with("MEWS_JAVA_HOME", folder.toString());

        Shell.Ran ran = version();

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("MEWS_JAVA_HOME=" + folder + " is not a JDK 25");
    }

    @Test
    void passesArgumentsAsTheyAre() {
        Shell.Ran ran =
                shell.run(
                        checkout.resolve("mews").toString(),
                        "check",
                        "-C",
                        folder + "/no such place");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("/no such place");
    }

    @Test
    void keepsAStartUpCacheThatIsUsedNextTime() throws IOException {
        version().succeeded();

        await().atMost(Duration.ofMinutes(2)).until(() -> caches() == 1);
        assertThat(version().succeeded().err()).isEmpty();
        assertThat(caches()).isEqualTo(1);
    }

    @Test
    void keepsTheNewestStartUpCachesOnly() throws IOException {
        Path cache = Files.createDirectories(folder.resolve("cache/mews"));
        for (int i = 0; i < 20; i++) {
            Path old = Files.createFile(cache.resolve("of-build-%d-client.aot".formatted(i)));
            Files.setLastModifiedTime(old, FileTime.from(Instant.EPOCH.plusSeconds(i)));
        }
        version().succeeded();

        await().atMost(Duration.ofMinutes(2)).until(() -> caches() == 12);
        assertThat(cache.resolve("of-build-8-client.aot")).doesNotExist();
        assertThat(cache.resolve("of-build-9-client.aot")).exists();
    }

    private long caches() throws IOException {
        try (var files = Files.list(folder.resolve("cache/mews"))) {
            return files.filter(file -> file.toString().endsWith(".aot")).count();
        }
    }
}
