package mews.project;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mews.base.Env;
import mews.base.Folders;
import mews.base.Json;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Turns what a user names into a `LoadedApp`: evaluates a `ref` app with the official SDK in a
/// process of its own, and takes every other app from the project file alone.
public final class Loader {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final Path tools;
    private final Path source;
    private final PythonChoice pythons;
    private final SdkTool sdk;

    /// @param tools where Mews keeps its tools
    /// @param source the folder that holds the Python package `mews_loader`
    public Loader(Path tools, Path source, Interpreters interpreters, Uv uv) {
        this.tools = tools;
        this.source = source;
        this.pythons = new PythonChoice(interpreters);
        this.sdk = new SdkTool(tools, uv);
    }

    /// What to load.
    ///
    /// @param ref the file and its symbol; absent: the project app is no `ref` app
    /// @param project what the project file says; absent: named by its file alone
    /// @param workFolder the user's working folder
    /// @param hosts the server that it is sent to
    /// @param limitMaxRequests requests after which the app's own server stops
    public record Request(
            Target.@Nullable Ref ref,
            @Nullable ProjectApp project,
            Path workFolder,
            SdkHosts hosts,
            @Nullable Integer limitMaxRequests) {
        /// An app of a project file.
        public static Request of(ProjectApp app, Path workFolder, SdkHosts hosts) {
            Target.Ref ref = app.target() instanceof Target.Ref its ? its : null;
            return new Request(ref, app, workFolder, hosts, null);
        }

        /// `file.py::Symbol`, or `file.py` when it holds one app, relative to the working folder.
        ///
        /// @throws Refusal if there is no such file
        public static Request of(String reference, Path workFolder, SdkHosts hosts) {
            int mark = reference.indexOf("::");
            String path = mark < 0 ? reference : reference.substring(0, mark);
            Path file = workFolder.resolve(path).normalize();
            if (!Files.isRegularFile(file)) {
                throw new Refusal(Refusal.Kind.INVALID, "no file at " + file);
            }
            String symbol = mark < 0 ? null : reference.substring(mark + 2);
            return new Request(
                    new Target.Ref(reference, file, symbol), null, workFolder, hosts, null);
        }
    }

    /// @param progress gets what is going on, what will have no effect, and whatever the user's
    ///   file prints, line by line
    /// @throws Refusal if the app cannot be loaded; the message names the line and the remedy
    public LoadedApp load(Request request, Consumer<String> progress) {
        ProjectApp project = request.project();
        String asked = project == null ? null : project.code().pythonVersion();
        if (request.ref() == null) {
            if (project == null) {
                throw new IllegalArgumentException("neither a file nor an app to load");
            }
            // To an image alone it means nothing.
            boolean bare = project.target() instanceof Target.ImageOnly;
            Consumer<String> told = bare ? ignored -> {} : progress;
            String minor = asked == null ? pythons.choose(null, told).minor() : asked;
            return DeclaredApp.of(project, minor);
        }
        LoadedApp loaded =
                evaluate(request, request.ref(), pythons.choose(asked, progress), progress);
        Environment.check(loaded, progress);
        return Environment.owned(loaded);
    }

    private LoadedApp evaluate(
            Request request, Target.Ref ref, Interpreter interpreter, Consumer<String> progress) {
        JsonNode document = document(request, ref, interpreter, progress);
        String wanted = wantedPython(document);
        if (wanted != null && !wanted.equals(interpreter.minor())) {
            progress.accept("the app asks for Python " + wanted + ": loading it with that one");
            interpreter = pythons.choose(wanted, progress);
            document = document(request, ref, interpreter, progress);
        }
        if (!document.path("ok").asBoolean()) {
            throw refused(document.path("error"), progress);
        }
        return LoaderAnswer.read(document, request, ref, interpreter.minor());
    }

    private static @Nullable String wantedPython(JsonNode document) {
        JsonNode error = document.path("error");
        return error.path("kind").asString("").equals("python_version")
                ? error.path("wanted").asString()
                : null;
    }

    private static Refusal refused(JsonNode error, Consumer<String> progress) {
        // For the other kinds the message says it all.
        if (error.path("kind").asString("").equals("raised")) {
            error.path("traceback").asString("").lines().forEach(progress);
        }
        return new Refusal(Refusal.Kind.INVALID, error.path("message").asString());
    }

    private JsonNode document(
            Request request, Target.Ref ref, Interpreter interpreter, Consumer<String> progress) {
        Path packages = sdk.packages(interpreter, progress);
        List<Path> homes =
                Stream.of(
                                request.project() == null ? null : request.project().folder(),
                                request.workFolder(),
                                ref.file().getParent())
                        .flatMap(Stream::ofNullable)
                        .distinct()
                        .toList();
        UserPackages user = UserPackages.of(interpreter, homes);
        try {
            Path exchange = Files.createTempDirectory("mews-load-");
            try {
                Path question = exchange.resolve("request.json");
                Path answer = exchange.resolve("result.json");
                Files.writeString(question, Json.write(question(request, ref, packages, user)));
                String said = run(request, interpreter, question, answer, progress);
                if (!Files.exists(answer)) {
                    throw new Refusal(
                            Refusal.Kind.INVALID,
                            "%s ended Python while it was loaded (%s)".formatted(ref.text(), said));
                }
                return Json.MAPPER.readTree(Files.readAllBytes(answer));
            } finally {
                Folders.delete(exchange);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot load " + ref.text(), e);
        }
    }

    private static Map<String, @Nullable Object> question(
            Request request, Target.Ref ref, Path packages, UserPackages user) {
        ProjectApp project = request.project();
        Map<String, @Nullable Object> question = new LinkedHashMap<>();
        question.put("file", ref.file().toString());
        question.put("symbol", ref.symbol());
        question.put("tool", packages.toString());
        question.put("packages", user.folders().stream().map(Path::toString).toList());
        question.put("environment", user.said());
        question.put("options", project == null ? null : SdkOptions.of(project));
        question.put("host", request.hosts().control());
        question.put("limit_max_requests", request.limitMaxRequests());
        return question;
    }

    /// @return how it ended
    private String run(
            Request request,
            Interpreter interpreter,
            Path question,
            Path answer,
            Consumer<String> progress)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                                interpreter.path().toString(),
                                "-E",
                                "-s",
                                "-S",
                                "-u",
                                source.resolve("mews_loader/__main__.py").toString(),
                                question.toString(),
                                answer.toString())
                        .directory(request.workFolder().toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(variables(request.hosts()));
        Process process = builder.start();
        Thread lines = Thread.ofVirtual().start(() -> forward(process, progress));
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                return "not done after %d minutes".formatted(PATIENCE.toMinutes());
            }
            // A child that the file left behind may hold the pipe open.
            lines.join(Duration.ofSeconds(2));
            return "exit code " + process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            process.destroyForcibly();
        }
    }

    /// The user's variables, with the names of the server over them.
    private Map<String, String> variables(SdkHosts hosts) {
        Map<String, String> variables = new HashMap<>(Env.all());
        // It would make the SDK think that it is inside a runner.
        variables.remove("IS_ISOLATE_AGENT");
        variables.remove("ISOLATE_TEST_MODE");
        // The SDK pickles its configuration along, and a profile may hold keys.
        variables.put("FAL_CONFIG_PATH", tools.resolve("no-config.toml").toString());
        variables.putAll(hosts.variables());
        return variables;
    }

    private static void forward(Process process, Consumer<String> progress) {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            reader.lines().forEach(progress);
        } catch (IOException | UncheckedIOException e) {
            // The process is gone; its exit code tells.
        }
    }
}
