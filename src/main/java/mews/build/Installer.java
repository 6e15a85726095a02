package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.base.Home;
import mews.host.EnvironmentLayout;
import mews.host.Uv;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxSpec;

/// Runs uv in a sandbox: what an sdist executes while it is built is a stranger's code. What uv is
/// told goes through its standard input, so that no process list and no file shows a token.
public final class Installer {
    /// uv ended with an error; the message is what it said.
    public static final class Failed extends Exception {
        private static final long serialVersionUID = 1L;

        private final String explanation;

        Failed(String explanation) {
            super(explanation);
            this.explanation = explanation;
        }

        public String explanation() {
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
    /// @param anew whether all indexes are to be asked, whatever they said a moment ago
    void resolve(
            Bench bench,
            String minor,
            Recipe recipe,
            boolean torch,
            boolean anew,
            Consumer<String> lines)
            throws Failed, InterruptedException {
        Flags flags = Flags.of(uv.settings().lines(), recipe.options(torch));
        if (anew || !flags.leaveIndex()) {
            compile(bench, minor, recipe, flags, PublicIndex.asked(anew), lines);
            return;
        }
        PublicIndex.Attempt attempt = new PublicIndex.Attempt(lines);
        try {
            compile(bench, minor, recipe, flags, PublicIndex.trusted(bench), attempt);
        } catch (Failed e) {
            if (!attempt.isWorthAnother(e)) {
                throw e;
            }
            compile(bench, minor, recipe, flags, PublicIndex.asked(false), lines);
        }
    }

    private void compile(
            Bench bench,
            String minor,
            Recipe recipe,
            Flags flags,
            List<String> index,
            Consumer<String> lines)
            throws Failed, InterruptedException {
        Path cache = bench.cache(!recipe.isTraced());
        List<String> command = command(minor, cache, flags, index, "compile", "-");
        String lock = bench.draft().resolve(LayerShelf.LOCK).toString();
        command.addAll(List.of("--output-file", lock, "--generate-hashes", "--no-header"));
        command.addAll(List.of("--no-annotate", "--emit-index-annotation"));
        build(bench, minor, recipe, command, flags.above(recipe.packages()), lines);
    }

    /// Installs what was resolved into the draft's `site`, without byte code.
    void install(Bench bench, String minor, Recipe recipe, Lock wanted, Consumer<String> lines)
            throws Failed, InterruptedException {
        Flags flags = Flags.of(uv.settings().lines(), recipe.options(TorchChoice.isIn(wanted)));
        Path cache = bench.cache(!recipe.isTraced());
        List<String> command = install(minor, cache, flags);
        command.addAll(List.of("--no-deps", "--target", bench.draft().resolve("site").toString()));
        build(bench, minor, recipe, command, flags.above(List.of(wanted.text())), lines);
    }

    /// Unpacks wheels that were resolved into the bench's `unpacked`, without running anything that
    /// they hold.
    ///
    /// @throws Failed also if there is no wheel of one of them
    void unpack(Bench bench, String minor, Recipe recipe, Lock wanted, Consumer<String> lines)
            throws Failed, InterruptedException {
        Flags flags = Flags.of(uv.settings().lines(), recipe.options(TorchChoice.isIn(wanted)));
        Path cache = bench.wheelsCache(!recipe.isTraced());
        List<String> command = install(minor, cache, flags);
        command.addAll(List.of("--no-deps", "--target", bench.unpacked().toString()));
        // Links need one mount, and what the server makes in there would not be uv's: uv makes all.
        Place place =
                new Place(
                        bench.wheels(),
                        bench.wheels(),
                        Map.of("UV_LINK_MODE", "hardlink", "UV_NO_BUILD", "1"),
                        List.of(
                                SandboxSpec.Bind.writable(bench.wheels()),
                                SandboxSpec.Bind.readOnly(bench.draft())));
        run(bench, minor, place, command, flags.above(List.of(wanted.text())), lines);
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
        SandboxRun.of(
                sandbox,
                spec(bench, minor, command, draft(bench, Map.of(), List.of())),
                input,
                said::add,
                line -> {});
        return String.join("\n", said);
    }

    /// Runs a command that uses git, where packages are built.
    void git(Bench bench, String minor, GitAccess access, List<String> line, Consumer<String> lines)
            throws Failed, InterruptedException {
        run(bench, minor, signingIn(bench, access), line, "", lines);
    }

    private List<String> install(String minor, Path cache, Flags flags) {
        return command(minor, cache, flags, PublicIndex.asked(false), "install", "-r", "-");
    }

    private List<String> command(
            String minor, Path cache, Flags flags, List<String> index, String... words) {
        List<String> command = new ArrayList<>();
        command.add(uv.ensure(home.tools()).toString());
        command.add("pip");
        command.addAll(List.of(words));
        command.addAll(
                List.of(
                        "--python",
                        layout.interpreter(minor).toString(),
                        "--color",
                        "never",
                        "--no-progress",
                        "--cache-dir",
                        cache.toString()));
        command.addAll(index);
        command.addAll(flags.arguments());
        return command;
    }

    /// Runs uv where packages are built.
    private void build(
            Bench bench,
            String minor,
            Recipe recipe,
            List<String> command,
            String input,
            Consumer<String> lines)
            throws Failed, InterruptedException {
        run(bench, minor, signingIn(bench, recipe.git()), command, input, lines);
    }

    private static Place signingIn(Bench bench, GitAccess access) {
        try {
            // Another folder each time: it belongs to the build's own user once it was seen there.
            Path hidden = Files.createTempDirectory(bench.hidden(), "");
            return draft(bench, access.write(hidden), List.of(SandboxSpec.Bind.writable(hidden)));
        } catch (IOException e) {
            throw new UncheckedIOException("git cannot be told how to sign in", e);
        }
    }

    private void run(
            Bench bench,
            String minor,
            Place place,
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
        int code =
                SandboxRun.of(sandbox, spec(bench, minor, command, place), input, it -> {}, hear);
        if (code != 0) {
            throw new Failed(Explanation.gist(said, code));
        }
    }

    /// What a sandbox of ours has of its own.
    private record Place(
            Path home,
            Path temporary,
            Map<String, String> environment,
            List<SandboxSpec.Bind> binds) {}

    private static Place draft(
            Bench bench, Map<String, String> environment, List<SandboxSpec.Bind> more) {
        List<SandboxSpec.Bind> binds = new ArrayList<>(more);
        binds.add(SandboxSpec.Bind.writable(bench.draft()));
        binds.add(SandboxSpec.Bind.writable(bench.cache(true)));
        // Wheels of gigabytes are unpacked here; the sandbox's own /tmp is memory.
        Path temporary = bench.draft().resolve("tmp");
        return new Place(bench.draft(), temporary, environment, binds);
    }

    private SandboxSpec spec(Bench bench, String minor, List<String> command, Place place) {
        Map<String, String> environment = new HashMap<>(uv.settings().withoutPlaces());
        environment.put("UV_LINK_MODE", "copy");
        environment.putAll(place.environment());
        if (environment.containsKey("SSL_CERT_FILE")) {
            environment.put("GIT_SSL_CAINFO", environment.get("SSL_CERT_FILE"));
        }
        environment.put("HOME", place.home().toString());
        environment.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        environment.put("LANG", "C.UTF-8");
        environment.put("UV_HTTP_TIMEOUT", Long.toString(stall().toSeconds()));
        environment.put(
                "UV_HTTP_CONNECT_TIMEOUT", Long.toString(Math.min(stall().toSeconds(), 10)));
        environment.put("TMPDIR", place.temporary().toString());
        List<SandboxSpec.Bind> binds = new ArrayList<>(place.binds());
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
                place.home().toString(),
                binds,
                network,
                SandboxSpec.Limits.NONE,
                "",
                Map.of(),
                bench.reach());
    }
}
