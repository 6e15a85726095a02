package mews.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.testing.ServerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServerIT {
    private Path folder;
    private Path home;

    @BeforeEach
    void makeHome() throws IOException {
        folder = Files.createTempDirectory("mews-server");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        home = Files.createDirectory(folder.resolve("home"));
    }

    @AfterEach
    void removeHome() throws IOException {
        await().atMost(Duration.ofSeconds(30)).until(() -> databases().isEmpty());
        Folders.delete(folder);
    }

    @Test
    void comesUpFromNothingAndLeavesNothingRunning() throws Exception {
        try (ServerProcess server = ServerProcess.start(home)) {
            assertThat(server.get("/health").body()).contains("ok");
            assertThat(server.get("/local/no-such-app").statusCode()).isEqualTo(404);
            assertThat(mode("credentials")).isEqualTo("rw-------");
            assertThat(mode("seal.key")).isEqualTo("rw-------");
            assertThat(server.told("queue")).startsWith("http://127.0.0.2:");
            assertThat(databases()).isNotEmpty();

            server.stop();

            assertThat(server.serverJson()).doesNotExist();
            assertThat(databases()).isEmpty();
        }
    }

    @Test
    void aSecondServerOnTheSameHomeIsToldWhoHasIt() throws Exception {
        try (ServerProcess first = ServerProcess.start(home);
                ServerProcess second =
                        ServerProcess.launch(home, List.of(), ServerProcess.classPath())) {
            assertThat(second.await()).isNotZero();
            assertThat(first.said()).contains("process " + first.pid()).contains(first.told("api"));
            assertThat(first.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void startsAgainAfterAKillWithWhatItHad() throws Exception {
        String credentials;
        try (ServerProcess killed = ServerProcess.start(home)) {
            credentials = Files.readString(home.resolve("credentials"));
            killed.kill();
        }
        try (ServerProcess server = ServerProcess.start(home)) {
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
            assertThat(Files.readString(home.resolve("credentials"))).isEqualTo(credentials);
        }
    }

    @Test
    void startsAgainAfterServerAndDatabaseWereKilledAtOnce() throws Exception {
        try (ServerProcess killed = ServerProcess.start(home)) {
            databases().forEach(ProcessHandle::destroyForcibly);
            killed.kill();
        }
        try (ServerProcess server = ServerProcess.start(home)) {
            assertThat(server.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void refusesABadConfigurationWithAllItsProblems() throws Exception {
        Files.writeString(home.resolve("mews.toml"), "[logs]\nretention_days = 0\n[sandbx]\n");
        try (ServerProcess server =
                ServerProcess.launch(home, List.of(), ServerProcess.classPath())) {
            assertThat(server.await()).isEqualTo(2);
            assertThat(server.said()).contains("mews.toml:2:1: ").contains("mews.toml:3:1: ");
            assertThat(databases()).isEmpty();
        }
    }

    @Test
    void aPortThatWasAskedForIsNotReplacedByAnother() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerProcess server =
                        ServerProcess.launch(
                                home,
                                List.of(),
                                ServerProcess.classPath(),
                                "--port",
                                Integer.toString(taken.getLocalPort()))) {
            assertThat(server.await()).isNotZero();
            assertThat(server.said())
                    .contains("cannot listen on 127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void endsSoonAfterTheLastWhoUsedItHasLeft() throws Exception {
        try (ServerProcess server = ServerProcess.start(home, "--while-used")) {
            HttpURLConnection presence =
                    (HttpURLConnection)
                            URI.create(server.told("api") + "/v1/mews/presence")
                                    .toURL()
                                    .openConnection();
            String[] key = Files.readString(home.resolve("credentials")).strip().split(":");
            presence.setRequestProperty("authorization", "Key " + key[0] + ":" + key[1]);
            assertThat(presence.getInputStream().read()).isPositive();
            assertThat(server.process().isAlive()).isTrue();

            presence.disconnect();

            assertThat(server.await()).isZero();
            assertThat(server.serverJson()).doesNotExist();
        }
    }

    @Test
    void anOrdinaryUserRunsOneToo() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")));
        Files.setAttribute(home, "unix:uid", 65534);
        Path libraries = Files.createDirectory(folder.resolve("lib"));
        String classPath = readableCopy(libraries);
        try (ServerProcess server =
                ServerProcess.launch(
                        home,
                        List.of(
                                "setpriv",
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups",
                                "env",
                                "-u",
                                "XDG_RUNTIME_DIR",
                                "HOME=" + home),
                        classPath)) {
            server.awaitReady();
            assertThat(Files.getAttribute(home.resolve("postgres/data"), "unix:uid"))
                    .isEqualTo(65534);
        }
    }

    /// The class path of this test may lie where only root can read it.
    private static String readableCopy(Path target) throws IOException {
        StringBuilder copied = new StringBuilder();
        int number = 0;
        for (String entry : ServerProcess.classPath().split(File.pathSeparator)) {
            Path source = Path.of(entry);
            if (!Files.exists(source)) {
                continue;
            }
            Path copy = target.resolve(number++ + "-" + source.getFileName());
            try (Stream<Path> files = Files.walk(source)) {
                for (Path file : files.toList()) {
                    Files.copy(
                            file,
                            copy.resolve(source.relativize(file).toString()),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
            copied.append(copied.isEmpty() ? "" : File.pathSeparator).append(copy);
        }
        return copied.toString();
    }

    /// Postmasters of this home.
    private List<ProcessHandle> databases() {
        String data = home.resolve("postgres/data").toString();
        return ProcessHandle.allProcesses()
                .filter(process ->
                        process.info()
                                .commandLine()
                                .filter(line -> line.contains("bin/postgres -D " + data))
                                .isPresent())
                .toList();
    }

    private String mode(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(file)));
    }
}
