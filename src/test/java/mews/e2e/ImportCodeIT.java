package mews.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Files and code that reach a managed runner beside its packages, by `mews` and by the official
/// command.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImportCodeIT {
    private static final String LISTING =
            """
            import os
            import stat


            def listing() -> dict:
                found = {}
                for folder, _, files in os.walk("/app"):
                    for name in sorted(files):
                        path = os.path.join(folder, name)
                        found[os.path.relpath(path, "/app")] = oct(stat.S_IMODE(os.stat(path).st_mode))
                files = dict(sorted(found.items()))
                return {"files": files, "folder": os.getcwd(), "said": os.popen("/app/tool.sh").read()}
            """;

    private static final String FOUND =
            "{\"files\":{\"data/one.txt\":\"0o640\",\"tool.sh\":\"0o750\"},\"folder\":\"%s\",\"said\":\"ran\\n\"}";

    @TempDir static Path folder;
    private Served served;

    @BeforeAll
    void serve() {
        Shell.write(
                folder.resolve("home/mews.toml"),
                "[sandbox]\nallow_networks = [\"%s/32\"]\n".formatted(FileHost.ADDRESS));
        served = new Served(folder);
    }

    @AfterAll
    void stop() {
        served.close();
    }

    private Shell filesOf(Path app) throws IOException {
        Shell.write(app.resolve("data/one.txt"), "one");
        Shell.write(app.resolve("data/no.log"), "no");
        Shell.write(app.resolve("tool.sh"), "#!/bin/sh\necho ran\n");
        mode(app.resolve("data/one.txt"), "rw-r-----");
        mode(app.resolve("tool.sh"), "rwxr-x---");
        return served.shell.in(app);
    }

    private static void mode(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private Shell refApp(Path app) throws IOException {
        Shell.write(
                app.resolve("src/app.py"),
                """
                import fal

                %s

                class Lister(fal.App):
                    @fal.endpoint("/")
                    def list(self) -> dict:
                        return listing()
                """
                        .formatted(LISTING));
        Shell.write(
                app.resolve("pyproject.toml"),
                """
                [tool.fal.apps.lister]
                ref = "src/app.py::Lister"
                app_files = ["data", "tool.sh"]
                app_files_ignore = ["\\\\.log$"]
                app_files_context_dir = "."
                """);
        return filesOf(app);
    }

    @Test
    void filesOfARefAppAreInItsFolderWhoeverBringsThem() throws IOException {
        Shell shell = refApp(folder.resolve("ref"));

        Shell.Ran ran = shell.mews("run", "lister", "--input", "{}").succeeded();
        // The official SDK is there now.
        OfficialCommand.of(served.shell, folder).run(shell, "deploy lister").succeeded();

        String found = FOUND.formatted("/app/src");
        assertThat(ran.out().strip()).isEqualTo(found);
        assertThat(call("lister").out().strip()).isEqualTo(found);
    }

    @Test
    void filesOfAnEntryPointAreInItsFolder() throws IOException {
        Path app = folder.resolve("entry");
        Shell.write(
                app.resolve("lister/app.py"),
                """
                import http.server
                import json

                %s

                class Handler(http.server.BaseHTTPRequestHandler):
                    def do_POST(self):
                        text = json.dumps(listing(), separators=(",", ":")).encode()
                        self.send_response(200)
                        self.send_header("Content-Length", str(len(text)))
                        self.end_headers()
                        self.wfile.write(text)


                class Lister:
                    @staticmethod
                    def run_local():
                        http.server.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
                """
                        .formatted(LISTING));
        Shell.write(app.resolve("lister/__init__.py"), "");
        Shell.write(
                app.resolve("pyproject.toml"),
                """
                [project]
                name = "lister"
                version = "1"

                [build-system]
                requires = ["setuptools>=68"]
                build-backend = "setuptools.build_meta"

                [tool.setuptools]
                packages = ["lister"]

                [tool.fal.apps.installed]
                python_entry_point = "lister.app:Lister"
                requirements = ["."]
                app_files = ["data", "tool.sh"]
                app_files_ignore = ["\\\\.log$"]
                """);
        Shell shell = filesOf(app);

        assertThat(shell.mews("run", "installed", "--input", "{}").succeeded().out().strip())
                .isEqualTo(FOUND.formatted("/app"));
    }

    @Test
    void clonesARepositoryAndDownloadsWeights() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "needs an address of its own");
        Path work = folder.resolve("sample");
        Shell.write(
                work.resolve("src/sample/simple.py"),
                "def add_one(number):\n    return number + 1\n");
        Shell.write(work.resolve("src/sample/__init__.py"), "");
        Path site = Files.createDirectories(folder.resolve("site"));
        String commit = publish(work, site.resolve("sample.git"));
        Shell.write(site.resolve("weights.bin"), "0123456789");
        try (FileHost host = new FileHost(site)) {
            Path example = folder.resolve("import-code");
            served.shell
                    .run(
                            "cp",
                            "-a",
                            Shell.CHECKOUT.resolve("examples/import-code").toString(),
                            example.toString())
                    .succeeded();
            String text = Files.readString(example.resolve("app.py"));
            Shell.write(
                    example.resolve("app.py"),
                    text.replaceAll(
                                    "(?m)^REPOSITORY = .*",
                                    "REPOSITORY = '" + host.url() + "/sample.git'")
                            .replaceAll("(?m)^COMMIT = .*", "COMMIT = '" + commit + "'")
                            .replaceAll(
                                    "(?m)^WEIGHTS = .*",
                                    "WEIGHTS = '" + host.url() + "/weights.bin'"));
            String answer = "{\"text\":\"2 is called two\",\"weights\":10}";

            served.shell.in(example).mews("deploy", "import-code").succeeded();

            assertThat(call("import-code").out().strip()).isEqualTo(answer);
            assertThat(call("import-code", "--queue").out().strip()).isEqualTo(answer);
        }
    }

    private Shell.Ran call(String... words) {
        return served.shell
                .mews(Stream.concat(Stream.of("call"), Stream.of(words)).toArray(String[]::new))
                .succeeded();
    }

    /// A bare copy that any file server can hand out.
    private String publish(Path work, Path bare) {
        Shell git = served.shell.in(work);
        for (List<String> words :
                List.of(
                        List.of("init", "-q"),
                        List.of("add", "."),
                        List.of(
                                "-c",
                                "user.name=t",
                                "-c",
                                "user.email=t@t",
                                "commit",
                                "-qm",
                                "one"),
                        List.of("clone", "-q", "--bare", work.toString(), bare.toString()),
                        List.of("-C", bare.toString(), "update-server-info"))) {
            git.run(Stream.concat(Stream.of("git"), words.stream()).toArray(String[]::new))
                    .succeeded();
        }
        return git.run("git", "rev-parse", "HEAD").succeeded().out().strip();
    }

    @Test
    void aBuildEndsWhenTheOneWhoWatchesItDoes() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Path app =
                    Shell.write(
                            folder.resolve("silent/app.py"),
                            """
                            import fal


                            class Silent(fal.App):
                                requirements = ["--index-url", "http://127.0.0.1:%d/simple", "never==1"]

                                @fal.endpoint("/")
                                def go(self) -> dict:
                                    return {}
                            """
                                    .formatted(silent.getLocalPort()));
            Process deploy = served.shell.startMews("deploy", app + "::Silent");
            silent.setSoTimeout((int) Duration.ofMinutes(2).toMillis());
            try (Socket installer = silent.accept()) {
                Shell.interrupt(deploy);

                assertThat(Shell.finish(deploy).exitCode()).isEqualTo(130);
                installer.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
                assertThat(installer.getInputStream().readAllBytes())
                        .asString()
                        .startsWith("GET /simple/");
            }
        }
        await().until(() -> installers() == 0);
    }

    /// Package installers that work for this server.
    private static long installers() {
        String home = folder.resolve("home").toString();
        return ProcessHandle.allProcesses()
                .filter(ProcessHandle::isAlive)
                .filter(process ->
                        process.info()
                                .commandLine()
                                .filter(line -> line.contains("uv"))
                                .filter(line -> line.contains(home))
                                .isPresent())
                .count();
    }
}
