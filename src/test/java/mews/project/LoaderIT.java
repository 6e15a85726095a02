package mews.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import mews.base.Hashes;
import mews.base.Json;
import mews.host.Command;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.AuthMode;
import mews.model.Refusal;
import mews.wire.proto.HostedRun;
import mews.wire.proto.RegisterApplicationRequest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With a real interpreter and the official SDK, which the first run fetches.
class LoaderIT {
    private static final Path TOOLS = Path.of("target/it/tools").toAbsolutePath();
    private static final Path SOURCE = Path.of("loader/src").toAbsolutePath();
    private static final SdkHosts HOSTS = hosts("127.0.0.1:8787");

    private static final String HELLO =
            """
            import fal

            print("loading hello")

            class Hello(fal.App, keep_alive=30, name="hello-there"):
                requirements = ["numpy", "."]
                machine_type = "M"
                app_auth = "shared"

                @fal.endpoint("/greet")
                def greet(self, name: str) -> dict:
                    return {"hello": name}
            """;

    private final Interpreters interpreters = Interpreters.ofHost();
    private final Loader loader = new Loader(TOOLS, SOURCE, interpreters, new Uv(interpreters));
    private final List<String> said = new ArrayList<>();

    @TempDir Path given;
    private Path folder = Path.of("/");

    @BeforeEach
    void links() throws IOException {
        Files.createDirectories(TOOLS);
        folder = given.toRealPath();
    }

    @Test
    void evaluatesAnAppClass() throws IOException {
        write("app.py", HELLO);

        LoadedApp app = load("app.py::Hello");

        assertThat(app.name()).isEqualTo("hello-there");
        assertThat(app.auth()).isEqualTo(AuthMode.SHARED);
        assertThat(app.endpoints()).containsExactly("/greet", "/health");
        assertThat(app.run().getMachineRequirements().getMachineTypesList()).containsExactly("M");
        assertThat(app.run().getMachineRequirements().getKeepAlive()).isEqualTo(30);
        assertThat(app.run().getFunction().getMethod()).isEqualTo("cloudpickle");
        assertThat(app.run().getFunction().getDefinition().size()).isGreaterThan(1000);
        assertThat(RequirementList.read(app.environment()).layers().getFirst())
                .startsWith("numpy", ".")
                .contains("uvicorn");
        assertThat(app.register().getSourceCode()).isEqualTo(HELLO);
        assertThat(app.register().getMetadata().getFieldsMap()).containsKey("openapi");
        assertThat(app.requirementsBase()).isEqualTo(folder);
        assertThat(said).contains("loading hello");
    }

    @Test
    void takesTheOnlyAppOfAFile() throws IOException {
        write("app.py", HELLO);

        assertThat(load("app.py").symbol()).isEqualTo("Hello");
    }

    @Test
    void evaluatesAFunction() throws IOException {
        write(
                "fn.py",
                """
                import fal

                @fal.function(machine_type="L", requirements=["numpy"])
                def add(a: int = 1):
                    return a + 1
                """);

        LoadedApp app = load("fn.py::add");

        assertThat(app.name()).isEqualTo("add");
        assertThat(app.run().getMachineRequirements().hasExposedPort()).isFalse();
        assertThat(app.run().getMachineRequirements().getMachineTypesList()).containsExactly("L");
    }

    @Test
    void sendsWhatTheOfficialCommandLineSends() throws Exception {
        write("app.py", HELLO.replace("\"numpy\", \".\"", "\"numpy\""));
        int port = freePort();
        Interpreter python = interpreters.active().orElseThrow();
        Path sent = folder.resolve("sent.json");

        LoadedApp app =
                loader.load(
                        Loader.Request.of("app.py::Hello", folder, hosts("127.0.0.1:" + port)),
                        said::add);
        String tool = TOOLS.resolve("fal-" + SdkTool.VERSION + "-" + python.platform()).toString();
        Command.Result official =
                Command.run(
                        Duration.ofMinutes(2),
                        List.of(
                                "sh",
                                "-c",
                                "cd \"$1\" && shift && exec \"$@\"",
                                "sh",
                                folder.toString(),
                                python.path().toString(),
                                "-S",
                                "-s",
                                Path.of("src/test/resources/project/loader/official.py")
                                        .toAbsolutePath()
                                        .toString(),
                                tool,
                                "app.py::Hello",
                                sent.toString(),
                                Integer.toString(port)));

        assertThat(sent).as("%s%s", official.out(), official.err()).exists();
        var document = Json.MAPPER.readTree(Files.readAllBytes(sent));
        var choices = Requests.Choices.NONE;
        assertThat(alike(new Requests(app, choices).run()))
                .isEqualTo(alike(HostedRun.parseFrom(bytes(document.path("run").asString()))));
        assertThat(alike(new Requests(app, choices).register(Requests.Deploy.PLAIN)))
                .isEqualTo(
                        alike(
                                RegisterApplicationRequest.parseFrom(
                                        bytes(document.path("register").asString()))));
    }

    @Test
    void letsTheClassWinOverTheFileAndTheFileOverTheDefault() throws IOException {
        write("app.py", HELLO);
        ProjectApp project =
                project(
                        """
                        [tool.fal.apps.demo]
                        ref = "app.py::Hello"
                        keep_alive = 99
                        max_concurrency = 7
                        machine_type = "XL"
                        requirements = ["scipy"]
                        auth = "private"
                        secrets = ["TOKEN"]
                        """);

        LoadedApp app = loader.load(Loader.Request.of(project, folder, HOSTS), said::add);
        RegisterApplicationRequest register =
                new Requests(app, Requests.Choices.NONE).register(Requests.Deploy.PLAIN);

        assertThat(register.getMachineRequirements().getKeepAlive()).isEqualTo(30);
        assertThat(register.getMachineRequirements().getMaxConcurrency()).isEqualTo(7);
        assertThat(register.getMachineRequirements().getMachineTypesList()).containsExactly("M");
        assertThat(RequirementList.read(app.environment()).layers().getFirst())
                .doesNotContain("scipy");
        assertThat(register.getApplicationName()).isEqualTo("demo");
        assertThat(register.getAuthMode().name()).isEqualTo("PRIVATE");
        assertThat(register.getSecrets().getNamesList()).containsExactly("TOKEN");
        assertThat(new Requests(app, Requests.Choices.NONE).run().getApplicationName())
                .isEqualTo("hello-there");
    }

    @Test
    void notesTheFilesToBringAlong() throws IOException {
        write("src/app.py", HELLO);
        write("src/data/a.txt", "a");
        write("src/data/__pycache__/b.pyc", "b");
        ProjectApp project =
                project(
                        """
                        [tool.fal.apps.demo]
                        ref = "src/app.py::Hello"
                        app_files = ["."]
                        """);

        LoadedApp app = loader.load(Loader.Request.of(project, folder, HOSTS), said::add);

        assertThat(app.files().select())
                .extracting(AppFiles.Entry::relativePath)
                .containsExactly("data/a.txt");
    }

    @Test
    void loadsAgainWithThePythonThatTheAppAsksFor() throws IOException {
        String active = interpreters.active().orElseThrow().minor();
        String other = active.equals("3.11") ? "3.12" : "3.11";
        assumeThat(interpreters.find(other)).as("a second Python, %s", other).isPresent();
        write("app.py", HELLO.replace("keep_alive=30", "python_version=\"" + other + "\""));

        LoadedApp app = load("app.py::Hello");

        assertThat(app.pythonVersion()).isEqualTo(other);
        assertThat(
                        app.environment()
                                .getConfiguration()
                                .getFieldsOrThrow("python_version")
                                .getStringValue())
                .isEqualTo(other);
        assertThat(said).anyMatch(line -> line.contains("asks for Python " + other));
    }

    @Test
    void findsPackagesOfTheProjectsVirtualEnvironment() throws IOException {
        String minor = interpreters.active().orElseThrow().minor();
        write(".venv/lib/python" + minor + "/site-packages/mine.py", "NAME = 'mine'\n");
        write("app.py", "import mine\nprint(mine.NAME)\n" + HELLO);

        load("app.py::Hello");

        assertThat(said).contains("mine");
    }

    @Test
    void namesAMissingPackageAndItsRemedy() throws IOException {
        write("app.py", "import fal\nimport cv2\n");

        assertThatThrownBy(() -> load("app.py"))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("app.py:2: no module 'cv2' on this machine")
                .hasMessageContaining("pip install opencv-python");
    }

    @Test
    void saysWhereASyntaxErrorStands() throws IOException {
        write("app.py", "import fal\n\ndef broken(:\n    pass\n");

        assertThatThrownBy(() -> load("app.py")).hasMessageContaining("app.py:3: invalid syntax");
    }

    @Test
    void listsWhatTheFileHasWhenTheNameIsNotThere() throws IOException {
        write("app.py", HELLO);

        assertThatThrownBy(() -> load("app.py::Helo"))
                .hasMessageContaining("no 'Helo' in app.py; it has: Hello");
    }

    @Test
    void saysWhichLineRaised() throws IOException {
        write("app.py", "import fal\nx = 1 / 0\n");

        assertThatThrownBy(() -> load("app.py"))
                .hasMessage("app.py:2: ZeroDivisionError: division by zero");
        assertThat(said).anyMatch(line -> line.contains("x = 1 / 0"));
    }

    @Test
    void survivesAFileThatExits() throws IOException {
        write("app.py", "import sys\nsys.exit(3)\n");

        assertThatThrownBy(() -> load("app.py"))
                .hasMessageContaining("app.py:2 ended with exit(3) while it was loaded");
    }

    @Test
    void saysWhyAnAppCannotBeSent() throws IOException {
        write(
                "fn.py",
                """
                import fal

                handle = (number for number in range(3))

                @fal.function()
                def read():
                    return next(handle)
                """);

        assertThatThrownBy(() -> load("fn.py"))
                .hasMessageContaining("cannot be sent to a runner")
                .hasMessageContaining("It refers to 'handle' (generator)");
    }

    @Test
    void importsNothingForAnEntryPoint() throws IOException {
        ProjectApp project =
                project(
                        """
                        [tool.fal.apps.demo]
                        python_entry_point = "not_installed_anywhere.server:App"
                        python_version = "3.12"
                        """);

        LoadedApp app = loader.load(Loader.Request.of(project, folder, HOSTS), said::add);

        assertThat(app.run().getEntrypoint())
                .isEqualTo("not_installed_anywhere.server:App.run_local");
        assertThat(said).isEmpty();
    }

    private LoadedApp load(String reference) {
        return loader.load(Loader.Request.of(reference, folder, HOSTS), said::add);
    }

    private ProjectApp project(String text) throws IOException {
        write("pyproject.toml", text);
        ProjectFile file = ProjectFile.read(folder.resolve("pyproject.toml"));
        ProjectApp app = file.apps().get("demo");
        assertThat(app).as("%s", file.problems()).isNotNull();
        return app;
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static SdkHosts hosts(String authority) {
        return new SdkHosts(authority, authority, authority, authority, true);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static byte[] bytes(String base64) {
        return Base64.getDecoder().decode(base64);
    }

    /// The pickler gives each class a random number, and sets travel in the order of their hashes:
    /// what remains is how much there is of each byte.
    private static ByteString alike(ByteString pickle) {
        byte[] bytes =
                pickle.toString(StandardCharsets.ISO_8859_1)
                        .replaceAll("[0-9a-f]{32}", "x")
                        .getBytes(StandardCharsets.ISO_8859_1);
        Arrays.sort(bytes);
        return ByteString.copyFromUtf8(Hashes.sha256Hex(bytes));
    }

    private static HostedRun alike(HostedRun run) {
        HostedRun.Builder builder = run.toBuilder();
        builder.getFunctionBuilder().setDefinition(alike(run.getFunction().getDefinition()));
        return builder.build();
    }

    private static RegisterApplicationRequest alike(RegisterApplicationRequest register) {
        RegisterApplicationRequest.Builder builder = register.toBuilder();
        builder.getFunctionBuilder().setDefinition(alike(register.getFunction().getDefinition()));
        return builder.build();
    }
}
