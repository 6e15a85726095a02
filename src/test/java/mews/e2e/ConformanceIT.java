package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import mews.testing.ContainersHere;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// fal's own command line and SDK against a server, over TLS: the program in `conformance/`, whose
/// tables end up in `target/conformance-*.txt`. Each run has the newest version do what every user
/// does; the long run has it and the two minor versions before do all there is.
class ConformanceIT {
    private static final Duration WHOLE_TABLE = Duration.ofMinutes(25);

    @TempDir static Path folder;
    private static Served served;

    @BeforeAll
    static void open() {
        served = new Served(folder);
    }

    @AfterAll
    static void close() {
        served.close();
    }

    @Test
    void theNewestDoesWhatEveryUserDoes() throws IOException {
        drive("quick", "--quick");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.83.0", "1.82.1", "1.81.4"})
    @EnabledIfSystemProperty(named = "mews.long", matches = "true")
    void theOfficialClientsWorkUnmodified(String version) throws IOException {
        drive(version, "--fal", version);
    }

    @Test
    @ContainersHere
    @EnabledIfSystemProperty(named = "mews.long", matches = "true")
    void theNewestBringsImages() throws Exception {
        try (LocalImages images = new LocalImages()) {
            Shell shell = LocalImages.loggedIn(served.shell);
            drive(shell, "images", "--only", "image", "--image", images.python());
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "mews.long", matches = "true")
    @EnabledIfSystemProperty(named = "user.name", matches = "root")
    void namesOfADomainLeadHere(@TempDir Path other) throws IOException {
        Path settings = Shell.withHome(other).serverFile().resolveSibling("mews.toml");
        Files.createDirectories(settings.resolveSibling(""));
        Files.writeString(settings, "[tls]\ndomain = \"mews.test\"\n");
        try (var named = Served.atPort(freePort(), other)) {
            drive(named.shell, "names", "--quick", "--names");
        }
    }

    /// A server with a domain stays at its port, and others may hold the usual one.
    private static int freePort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void drive(String name, String... options) throws IOException {
        drive(served.shell, name, options);
    }

    private static void drive(Shell shell, String name, String... options) throws IOException {
        String program = Shell.CHECKOUT.resolve("conformance/run.py").toString();
        List<String> line =
                Stream.concat(Stream.of("python3", program), Stream.of(options)).toList();
        Shell.Ran ran = shell.runWithin(WHOLE_TABLE, line.toArray(String[]::new));
        Files.writeString(
                Shell.CHECKOUT.resolve("target/conformance-%s.txt".formatted(name)), ran.out());

        System.out.println(ran.out());
        assertThat(ran.exitCode()).as("%s%n%s", ran.out(), ran.err()).isZero();
    }
}
