package mews.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import mews.base.Env;
import mews.base.Folders;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// The package installer uv, in one pinned version, fetched once through the package index that pip
/// is configured for. Thread-safe.
public final class Uv {
    public static final String VERSION = "0.13.8";

    private static final Duration FETCH = Duration.ofMinutes(10);
    private static final Duration ASK = Duration.ofSeconds(60);

    private final Interpreters interpreters;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable UvSettings settings;

    public Uv(Interpreters interpreters) {
        this.interpreters = interpreters;
    }

    /// @param settings instead of what this host's pip is configured for
    public Uv(Interpreters interpreters, UvSettings settings) {
        this.interpreters = interpreters;
        this.settings = settings;
    }

    /// @param toolsDir where Mews keeps its tools
    /// @return uv itself; fetched at the first call, which may take some seconds
    /// @throws Refusal if it cannot be fetched, with pip's reason
    public Path ensure(Path toolsDir) {
        Path folder = toolsDir.resolve("uv-" + VERSION);
        Path binary = folder.resolve("bin/uv");
        if (Files.isExecutable(binary)) {
            return binary;
        }
        lock.lock();
        try {
            if (!Files.isExecutable(binary)) {
                fetch(toolsDir, folder);
            }
            return binary;
        } catch (IOException e) {
            throw new UncheckedIOException("uv cannot be kept in " + toolsDir, e);
        } finally {
            lock.unlock();
        }
    }

    /// Variables that make uv see indexes, certificates and proxies as pip does. May hold
    /// credentials.
    public Map<String, String> environment() {
        return settings().environment();
    }

    /// What this host's pip is configured for, translated; read once.
    public UvSettings settings() {
        lock.lock();
        try {
            if (settings == null) {
                settings = UvSettings.of(Env.all(), pipConfig());
            }
            return settings;
        } finally {
            lock.unlock();
        }
    }

    private Map<String, String> pipConfig() {
        for (Interpreter interpreter : interpreters.all()) {
            Command.Result listed =
                    Command.run(ASK, interpreter.path().toString(), "-m", "pip", "config", "list");
            if (listed.ok()) {
                return UvSettings.parse(listed.out());
            }
        }
        return UvSettings.parse(variablesOfPip());
    }

    /// Without pip its variables still speak for the user.
    private static String variablesOfPip() {
        StringBuilder lines = new StringBuilder();
        Env.all()
                .forEach((name, value) -> {
                    if (name.startsWith("PIP_")) {
                        String option = name.substring(4).toLowerCase(java.util.Locale.ROOT);
                        lines.append(":env:.")
                                .append(option)
                                .append('=')
                                .append(value)
                                .append('\n');
                    }
                });
        return lines.toString();
    }

    private void fetch(Path toolsDir, Path folder) throws IOException {
        Files.createDirectories(toolsDir);
        Path draft = Files.createTempDirectory(toolsDir, ".tmp-uv-");
        try {
            install(draft);
            Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            // Another process of this user was faster.
            if (!Files.isExecutable(folder.resolve("bin/uv"))) {
                throw e;
            }
        } finally {
            Folders.delete(draft);
        }
    }

    private void install(Path draft) {
        String reason = "no Python on this host";
        for (Interpreter interpreter : interpreters.all()) {
            Command.Result installed =
                    Command.run(FETCH, pip(interpreter.path().toString(), draft));
            if (installed.ok()) {
                reason = runs(draft.resolve("bin/uv"));
                if (reason.isEmpty()) {
                    return;
                }
            } else {
                reason = installed.lastWords();
            }
        }
        throw new Refusal(
                Refusal.Kind.FAILED_PRECONDITION,
                "uv %s, which builds environments, cannot be fetched: %s. Install pip for one of the host's Pythons and let `pip download uv==%s` work"
                        .formatted(VERSION, reason, VERSION));
    }

    private static List<String> pip(String python, Path target) {
        return List.of(
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--no-compile",
                "--upgrade",
                "--target",
                target.toString(),
                "uv==" + VERSION);
    }

    private static String runs(Path binary) {
        Command.Result said = Command.run(ASK, binary.toString(), "--version");
        return said.ok() && said.out().contains(VERSION) ? "" : said.lastWords();
    }
}
