package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import mews.host.Bubblewrap;
import mews.host.Command;
import mews.model.Image;
import mews.model.Refusal;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a package can reach while it is built, seen by one that tries.
class BuildNetworkIT {
    private static final String PASSWORD = "hush-hush";

    @TempDir private static Path root;

    private static TinyBench bench;
    private static HttpServer guarded;
    private static ServerSocket neighbour;
    private static int database;

    @BeforeAll
    static void open() throws Exception {
        assumeTrue(Bubblewrap.probe().works());
        bench = new TinyBench(root, 0);
        bench.index.add("helper", "1.0");
        neighbour = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        database = URI.create(TestDatabase.freshUrl().substring("jdbc:".length())).getPort();
        guarded = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        guarded.createContext("/", BuildNetworkIT::serve)
                .setAuthenticator(
                        new BasicAuthenticator("index") {
                            @Override
                            public boolean checkCredentials(String user, String password) {
                                return user.equals("reader") && password.equals(PASSWORD);
                            }
                        });
        guarded.start();
        sdist();
    }

    @AfterAll
    static void close() throws IOException {
        if (bench != null) {
            bench.close();
            guarded.stop(0);
            neighbour.close();
        }
    }

    @Test
    void aPackageReachesItsIndexesAndNothingElseOfThisHost() throws Exception {
        Image image =
                bench.build(false, List.of("sneaky==1.0", "--extra-index-url", guarded(PASSWORD)));

        assertThat(bench.ask(image, "sneaky", "HELPER")).isEqualTo("1.0");
        assertThat(bench.ask(image, "sneaky", "FOUND"))
                .isEqualTo("refused 403 refused 403")
                .as("direct, then through the proxy");
        assertThat(String.join("\n", bench.said))
                .contains(
                        "refused to the build: 127.0.0.1:%d is not on the internet"
                                .formatted(neighbour.getLocalPort()))
                .contains("refused to the build: 127.0.0.1:%d ".formatted(database))
                .doesNotContain(PASSWORD);
    }

    @Test
    void aWrongPasswordFailsTheBuildAndIsNotRepeated() {
        assertThatThrownBy(() ->
                        bench.build(
                                false,
                                List.of("sneaky==1.0", "--extra-index-url", guarded("wr0ng"))))
                .isInstanceOf(Refusal.class)
                .hasMessageNotContaining("wr0ng");
    }

    @Test
    void fiftyPackagesComeAtOnce() throws Exception {
        String[] names = new String[50];
        for (int i = 0; i < names.length; i++) {
            names[i] = "many" + i;
            bench.index.add(names[i], "1.0", "here", 200_000);
        }

        Image image = bench.build(false, List.of(names));

        assertThat(bench.ask(image, "many49", "VERSION")).isEqualTo("1.0");
    }

    private static String guarded(String password) {
        return "http://reader:%s@127.0.0.1:%d/simple"
                .formatted(password, guarded.getAddress().getPort());
    }

    private static void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] answer =
                    path.startsWith("/files/")
                            ? Files.readAllBytes(root.resolve("sneaky-1.0.tar.gz"))
                            : "<a href=\"/files/sneaky-1.0.tar.gz\">sneaky-1.0.tar.gz</a>"
                                    .getBytes(StandardCharsets.UTF_8);
            boolean known = path.startsWith("/files/") || path.contains("sneaky");
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(known ? 200 : 404, known ? answer.length : -1);
            if (known) {
                exchange.getResponseBody().write(answer);
            }
        }
    }

    private static void sdist() throws IOException {
        Path folder = Files.createDirectories(root.resolve("sneaky-1.0"));
        Files.writeString(
                folder.resolve("PKG-INFO"), "Metadata-Version: 2.1\nName: sneaky\nVersion: 1.0\n");
        Files.writeString(
                folder.resolve("pyproject.toml"),
                """
                [build-system]
                requires = ["helper"]
                build-backend = "backend"
                backend-path = ["."]
                """);
        Files.writeString(
                folder.resolve("backend.py"),
                """
                import http.client, os, socket, urllib.parse, zipfile
                import helper

                def attempts():
                    proxy = urllib.parse.urlsplit(os.environ["HTTPS_PROXY"]).netloc
                    for port in (%d, %d):
                        try:
                            socket.create_connection(("127.0.0.1", port), timeout=5).close()
                            yield "open"
                        except OSError:
                            yield "refused"
                        try:
                            tunnel = http.client.HTTPConnection(proxy)
                            tunnel.set_tunnel("127.0.0.1", port)
                            tunnel.connect()
                            yield "open"
                        except OSError as e:
                            yield str(e).split("failed: ")[1][:3]

                def build_wheel(target, config=None, metadata=None):
                    info = "sneaky-1.0.dist-info/"
                    text = "FOUND = %%r\\nHELPER = %%r\\n" %% (" ".join(attempts()), helper.VERSION)
                    with zipfile.ZipFile(os.path.join(target, "sneaky-1.0-py3-none-any.whl"), "w") as wheel:
                        wheel.writestr("sneaky/__init__.py", text)
                        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: sneaky\\nVersion: 1.0\\n")
                        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                        wheel.writestr(info + "RECORD", "sneaky/__init__.py,,\\n")
                    return "sneaky-1.0-py3-none-any.whl"
                """
                        .formatted(neighbour.getLocalPort(), database));
        Command.Result packed =
                Command.run(
                        Duration.ofSeconds(30),
                        "tar",
                        "-C",
                        root.toString(),
                        "-czf",
                        root.resolve("sneaky-1.0.tar.gz").toString(),
                        "sneaky-1.0");
        assertThat(packed.ok()).as(packed.err()).isTrue();
    }
}
