package mews.build;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import mews.base.Home;
import mews.host.EnvironmentLayout;
import mews.host.Uv;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;

/// Runs uv in a sandbox: what an sdist executes while it is built is a stranger's code. What uv is
/// told goes through its standard input, so that no process list and no file shows a token.
final class Installer {
    /// Where uv works. Packages are copied out of the cache, not linked: a later build may write to
    /// the cache, and must not change a finished layer with it.
    ///
    /// @param folder of the account's builds; nothing in a sandbox sees it as a whole, since builds
    ///   of one account run side by side
    /// @param draft of this build: what a stranger's code may write while uv runs
    /// @param orders of this build, where a finished layer is put together; that code may only read
    ///   it
    /// @param hidden of this build, in memory where the host has such a folder: what git signs in
    ///   with
    /// @param reach of this build
    record Bench(Path folder, Path draft, Path orders, Path hidden, SandboxSpec.Reach reach) {
        Bench reaching(SandboxSpec.Reach other) {
            return new Bench(folder, draft, orders, hidden, other);
        }

        /// @param kept whether later builds of the account may use it
        Path cache(boolean kept) {
            return (kept ? folder : draft).resolve("cache");
        }
    }

    /// uv ended with an error; the message is what it said.
    static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final String explanation;

        Failed(String explanation) {
            super(explanation);
            this.explanation = explanation;
        }

        String explanation() {
            return explanation;
        }
    }

    private final Home home;
    private final Uv uv;
    private final EnvironmentLayout layout;
    private final Sandbox sandbox;
    private final SandboxSpec.Network network;
    private final BuildSettings settings;

    Installer(
            Home home,
            Uv uv,
            EnvironmentLayout layout,
            Sandbox sandbox,
            SandboxSpec.Network network,
            BuildSettings settings) {
        this.home = home;
        this.uv = uv;
        this.layout = layout;
        this.sandbox = sandbox;
        this.network = network;
        this.settings = settings;
    }

    /// What a build of that layer may reach.
    ///
    /// @param lines told what was refused, and where nothing can be
    SandboxSpec.Reach reach(RequirementLayer filled, String minor, Consumer<String> lines) {
        if (!sandbox.separateNetwork()) {
            lines.accept(
                    "this host gives builds no network of their own: what they run reaches whatever this host does");
        }
        return BuildReach.of(
                filled,
                uv.environment(),
                sentence -> lines.accept("refused to the build: " + sentence),
                layout.interpreter(minor));
    }

    /// How long a server may send nothing.
    Duration stall() {
        return settings.stall(uv.environment());
    }

    /// Resolves a recipe into the draft's `lock.txt`; what `lock.txt` holds already is preferred.
    ///
    /// @param torch whether to take the build of torch that was chosen
    /// @param more arguments
    void resolve(
            Bench bench,
            String minor,
            Recipe recipe,
            boolean torch,
            List<String> more,
            Consumer<String> lines)
            throws Failed, InterruptedException {
        Flags flags = Flags.of(uv.settings().lines(), recipe.options(torch));
        List<String> command = command(bench, minor, recipe, flags, "compile", "-");
        command.addAll(
                List.of(
                        "--output-file",
                        bench.draft().resolve("lock.txt").toString(),
                        "--generate-hashes",
                        "--no-header",
                        "--no-annotate"));
        command.addAll(more);
        run(bench, minor, recipe, command, flags.above(recipe.packages()), lines);
    }

    /// Installs what was resolved into the draft's `site`, without byte code.
    void install(Bench bench, String minor, Recipe recipe, Lock wanted, Consumer<String> lines)
            throws Failed, InterruptedException {
        Flags flags = Flags.of(uv.settings().lines(), recipe.options(TorchChoice.isIn(wanted)));
        List<String> command = command(bench, minor, recipe, flags, "install", "-r", "-");
        command.addAll(List.of("--no-deps", "--target", bench.draft().resolve("site").toString()));
        run(bench, minor, recipe, command, flags.above(List.of(wanted.text())), lines);
    }

    /// Runs a program of our own in the same sandbox.
    ///
    /// @param program Python that uses the standard library alone
    /// @param input what it reads
    /// @return what it wrote
    String fetch(Bench bench, String minor, String program, String input)
            throws InterruptedException {
        List<String> command =
                List.of(layout.interpreter(minor).toString(), "-I", "-S", "-c", program);
        List<String> said = new CopyOnWriteArrayList<>();
        run(spec(bench, minor, command, Map.of(), List.of()), input, said::add, line -> {});
        return String.join("\n", said);
    }

    private List<String> command(
            Bench bench, String minor, Recipe recipe, Flags flags, String... words) {
        List<String> command = new ArrayList<>();
        command.add(uv.ensure(home.tools()).toString());
        command.add("pip");
        command.addAll(List.of(words));
        command.addAll(
                List.of(
                        "--python",
                        layout.interpreter(minor).toString(),
                        "--no-config",
                        "--color",
                        "never",
                        "--no-progress",
                        "--cache-dir",
                        bench.cache(!recipe.isTraced()).toString()));
        command.addAll(flags.arguments());
        return command;
    }

    private void run(
            Bench bench,
            String minor,
            Recipe recipe,
            List<String> command,
            String input,
            Consumer<String> lines)
            throws Failed, InterruptedException {
        List<String> said = new CopyOnWriteArrayList<>();
        Consumer<String> hear =
                line -> {
                    said.add(line);
                    lines.accept(line);
                };
        SandboxSpec spec;
        try {
            // Another folder each time: it belongs to the build's own user once it was seen there.
            Path hidden = Files.createTempDirectory(bench.hidden(), "");
            spec = spec(bench, minor, command, recipe.git().write(hidden), List.of(hidden));
        } catch (IOException e) {
            throw new UncheckedIOException("git cannot be told how to sign in", e);
        }
        int code = run(spec, input, line -> {}, hear);
        if (code != 0) {
            throw new Failed(explanation(said, code));
        }
    }

    /// @return exit code
    private int run(
            SandboxSpec spec, String input, Consumer<String> output, Consumer<String> errors)
            throws InterruptedException {
        // Closing kills it: an interrupted wait leaves nothing running.
        try (SandboxProcess process = sandbox.start(spec)) {
            Thread out = Thread.ofVirtual().start(() -> read(process.stdout(), output));
            Thread err = Thread.ofVirtual().start(() -> read(process.stderr(), errors));
            feed(process, input);
            SandboxProcess.Exit exit = process.exit().get();
            out.join();
            err.join();
            return exit.code();
        } catch (IOException e) {
            throw new UncheckedIOException("the build cannot be started", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the build's end cannot be told", e);
        }
    }

    private static void feed(SandboxProcess process, String input) {
        try (OutputStream stdin = process.stdin()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading; its exit code tells.
        }
    }

    private SandboxSpec spec(
            Bench bench,
            String minor,
            List<String> command,
            Map<String, String> more,
            List<Path> hidden) {
        Map<String, String> environment = new HashMap<>(uv.settings().withoutPlaces());
        environment.putAll(more);
        if (environment.containsKey("SSL_CERT_FILE")) {
            environment.put("GIT_SSL_CAINFO", environment.get("SSL_CERT_FILE"));
        }
        environment.put("HOME", bench.draft().toString());
        environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        environment.put("LANG", "C.UTF-8");
        environment.put("UV_LINK_MODE", "copy");
        environment.put("UV_HTTP_TIMEOUT", Long.toString(stall().toSeconds()));
        environment.put(
                "UV_HTTP_CONNECT_TIMEOUT", Long.toString(Math.min(stall().toSeconds(), 10)));
        // Wheels of gigabytes are unpacked here; the sandbox's own /tmp is memory.
        environment.put("TMPDIR", bench.draft().resolve("tmp").toString());
        List<SandboxSpec.Bind> binds = new ArrayList<>();
        binds.add(SandboxSpec.Bind.writable(bench.draft()));
        binds.add(SandboxSpec.Bind.writable(bench.cache(true)));
        hidden.forEach(folder -> binds.add(SandboxSpec.Bind.writable(folder)));
        binds.add(SandboxSpec.Bind.readOnly(bench.orders()));
        // The file alone: whoever runs in there may not enter the folder that it is in.
        binds.add(SandboxSpec.Bind.readOnly(uv.ensure(home.tools())));
        layout.visible(minor).forEach(path -> binds.add(SandboxSpec.Bind.readOnly(path)));
        uv.settings().files().stream()
                .filter(Files::exists)
                .forEach(path -> binds.add(SandboxSpec.Bind.readOnly(path)));
        return new SandboxSpec(
                "build",
                command,
                environment,
                bench.draft().toString(),
                binds,
                network,
                SandboxSpec.Limits.NONE,
                "",
                Map.of(),
                bench.reach());
    }

    /// uv tells at length what it did before it tells what went wrong; the latter is wanted.
    private static String explanation(List<String> said, int code) {
        for (int i = 0; i < said.size(); i++) {
            String line = said.get(i).strip();
            if (line.startsWith("×") || line.startsWith("error")) {
                return String.join("\n", said.subList(i, said.size()));
            }
        }
        return said.isEmpty() ? "uv ended with exit code " + code : String.join("\n", said);
    }

    private static void read(InputStream stream, Consumer<String> lines) {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            reader.lines().forEach(lines);
        } catch (IOException | UncheckedIOException e) {
            // The process is gone; its exit code tells.
        }
    }
}
