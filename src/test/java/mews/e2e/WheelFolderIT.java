package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mews.testing.MadeUp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Archives that lie on the developer's machine only, named by `--find-links`.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WheelFolderIT {
    @TempDir static Path folder;
    private Served served;

    @BeforeAll
    void serve() {
        served = new Served(folder);
    }

    @AfterAll
    void stop() {
        served.close();
    }

    private static void put(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, content);
    }

    private static byte[] wheel(String origin) {
        return MadeUp.wheel("mu_own", "1.0", MadeUp.ANYWHERE, origin, List.of());
    }

    @Test
    void aClassNamesAFolderBesideItsFile() throws IOException {
        Path app = folder.resolve("ref");
        Path wheel = app.resolve("src/wheels").resolve(MadeUp.wheelName("mu_own", "1.0"));
        put(wheel, wheel("beside"));
        Shell.write(
                app.resolve("src/app.py"),
                """
                import fal

                class Teller(fal.App):
                    requirements = ["mu_own", "--find-links", "wheels"]

                    @fal.endpoint("/")
                    def tell(self) -> dict:
                        import mu_own
                        return {"origin": mu_own.origin}
                """);
        Shell.write(
                app.resolve("pyproject.toml"),
                "[tool.fal.apps.teller]\nref = \"src/app.py::Teller\"\n");
        Shell shell = served.shell.in(app);

        shell.mews("deploy", "teller").succeeded();
        assertThat(call("teller")).isEqualTo("{\"origin\":\"beside\"}");
        assertThat(shell.mews("deploy", "teller").succeeded().err()).contains("cached");

        put(wheel, wheel("changed"));
        shell.mews("deploy", "teller").succeeded();
        assertThat(call("teller")).isEqualTo("{\"origin\":\"changed\"}");
    }

    @Test
    void anEntryPointNamesAFolderOfTheProject() throws IOException {
        Path app = entry(folder.resolve("entry"), "mu_src --find-links=./vendor");
        put(app.resolve("vendor/mu_src-2.0.tar.gz"), MadeUp.sdist("mu_src", "2.0", "vendor", ""));

        assertThat(
                        served.shell
                                .in(app)
                                .mews("run", "told", "--input", "{}")
                                .succeeded()
                                .out()
                                .strip())
                .isEqualTo("{\"origin\":\"vendor\"}");
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path app = entry(folder.resolve("missing"), "mu_src -f wheelhouse");

        Shell.Ran ran = served.shell.in(app).mews("deploy", "told");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err())
                .contains("--find-links wheelhouse: there is nothing at")
                .contains(app.resolve("wheelhouse").toString());
    }

    private String call(String app) {
        return served.shell.mews("call", app, "--input", "{}").succeeded().out().strip();
    }

    private static Path entry(Path app, String requirement) {
        Shell.write(
                app.resolve("teller/app.py"),
                """
                import http.server
                import mu_src

                class Handler(http.server.BaseHTTPRequestHandler):
                    def do_POST(self):
                        text = ('{"origin":"%s"}' % mu_src.origin).encode()
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(text)))
                        self.end_headers()
                        self.wfile.write(text)


                class Teller:
                    @staticmethod
                    def run_local():
                        http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
                """);
        Shell.write(app.resolve("teller/__init__.py"), "");
        Shell.write(
                app.resolve("pyproject.toml"),
                """
                [project]
                name = "teller"
                version = "1"

                [build-system]
                requires = ["setuptools>=68"]
                build-backend = "setuptools.build_meta"

                [tool.setuptools]
                packages = ["teller"]

                [tool.fal.apps.told]
                python_entry_point = "teller.app:Teller"
                requirements = [["."], ["%s"]]
                """
                        .formatted(requirement));
        return app;
    }
}
