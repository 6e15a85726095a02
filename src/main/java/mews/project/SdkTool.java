package mews.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import mews.base.Env;
import mews.base.Folders;
import mews.host.Command;
import mews.host.Interpreter;
import mews.host.Uv;
import mews.host.UvSettings;
import mews.model.Refusal;

/// The official SDK, in one pinned version, installed once for each Python into a folder of its
/// own.
final class SdkTool {
    static final String VERSION = "1.83.0";

    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final Path tools;
    private final Uv uv;

    SdkTool(Path tools, Uv uv) {
        this.tools = tools;
        this.uv = uv;
    }

    /// @return its site-packages; fetched at the first call for a Python
    /// @throws Refusal if it cannot be fetched, with uv's reason
    Path packages(Interpreter interpreter, Consumer<String> progress) {
        Path folder = tools.resolve("fal-%s-%s".formatted(VERSION, interpreter.platform()));
        if (!Files.isDirectory(folder)) {
            progress.accept(
                    "fetching the fal SDK %s for Python %s (once)"
                            .formatted(VERSION, interpreter.minor()));
            try {
                fetch(interpreter, folder);
            } catch (IOException e) {
                throw new UncheckedIOException("the fal SDK cannot be kept in " + tools, e);
            }
        }
        return folder;
    }

    /// Variables and cache for uv as this room calls it: the user's own, and pip's configuration.
    static Map<String, String> variables(Path tools, UvSettings settings) {
        Map<String, String> variables = new HashMap<>(Env.all());
        variables.putAll(settings.environment());
        variables.put("UV_CACHE_DIR", tools.resolve("uv-cache").toString());
        variables.put("UV_NO_PROGRESS", "1");
        // A virtual environment of the user's is not where the tool's own packages go.
        variables.remove("VIRTUAL_ENV");
        return variables;
    }

    private void fetch(Interpreter interpreter, Path folder) throws IOException {
        Path binary = uv.ensure(tools);
        UvSettings settings = uv.settings();
        Path draft = Files.createTempDirectory(tools, ".tmp-fal-");
        try {
            Command.Result installed =
                    Command.run(
                            PATIENCE,
                            variables(tools, settings),
                            install(binary, interpreter, draft, settings));
            if (!installed.ok()) {
                throw new Refusal(
                        Refusal.Kind.FAILED_PRECONDITION,
                        "the fal SDK %s, which evaluates `ref` apps, cannot be fetched for Python %s: %s"
                                .formatted(VERSION, interpreter.minor(), installed.err().strip()));
            }
            Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Another command was faster.
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        } finally {
            Folders.delete(draft);
        }
    }

    private static List<String> install(
            Path binary, Interpreter interpreter, Path draft, UvSettings settings) {
        List<String> line = new ArrayList<>();
        line.add(binary.toString());
        line.addAll(List.of("pip", "install", "--quiet", "--no-config", "--compile-bytecode"));
        line.addAll(List.of("--python", interpreter.path().toString()));
        line.addAll(List.of("--target", draft.toString()));
        line.addAll(settings.arguments());
        line.add("fal==" + VERSION);
        return line;
    }
}
