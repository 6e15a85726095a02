package mews.build;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import mews.base.Home;
import mews.build.BuildSandbox.Place;
import mews.host.EnvironmentLayout;
import mews.host.Uv;
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
    private final BuildSandbox sandbox;

    /// Not tried again once it failed: a host that drops what it should forward lets uv wait long.
    private volatile boolean straight = true;

    Installer(Home home, Uv uv, EnvironmentLayout layout, BuildSandbox sandbox) {
        this.home = home;
        this.uv = uv;
        this.layout = layout;
        this.sandbox = sandbox;
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
        return sandbox.stall();
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
        Flags bare = Flags.of(uv.settings().lines(), recipe.options(false));
        List<String> line =
                bare.publicAlone() && !recipe.isTraced()
                        ? WheelAddresses.afterwards(command, located(bench, minor, bare))
                        : command;
        build(bench, minor, recipe, line, flags.above(recipe.packages()), lines);
    }

    /// Looks up where the index keeps wheels, in what uv was told of it while it resolved: nobody
    /// is asked again.
    private List<String> located(Bench bench, String minor, Flags flags) {
        String lock = bench.draft().resolve(LayerShelf.LOCK).toString();
        List<String> index = PublicIndex.remembered(bench);
        List<String> command =
                command(minor, bench.cache(true), flags, index, "compile", "--no-build", lock);
        String file = bench.draft().resolve(WheelAddresses.FILE).toString();
        command.addAll(List.of("--no-deps", "--no-header", "--output-file", file));
        command.addAll(WheelAddresses.FORMAT);
        return command;
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
    /// @param located lock with their addresses, if they are known
    /// @throws Failed also if there is no wheel of one of them
    void unpack(
            Bench bench,
            String minor,
            Recipe recipe,
            Lock wanted,
            Optional<Path> located,
            Consumer<String> lines)
            throws Failed, InterruptedException {
        Flags flags = Flags.of(uv.settings().lines(), recipe.options(TorchChoice.isIn(wanted)));
        Path cache = bench.wheelsCache(!recipe.isTraced());
        List<String> command =
                located.isEmpty()
                        ? install(minor, cache, flags)
                        : command(
                                minor,
                                cache,
                                flags,
                                PublicIndex.asked(false),
                                "install",
                                "-r",
                                located.get().toString());
        located.ifPresent(file -> command.addAll(WheelAddresses.READ));
        command.addAll(List.of("--no-deps", "--target", bench.unpacked().toString()));
        String input = located.isEmpty() ? flags.above(List.of(wanted.text())) : "";
        Place place = Place.wheels(bench, located.isPresent() && straight);
        try {
            sandbox.run(bench, minor, place, command, input, lines);
        } catch (Failed e) {
            if (located.isPresent()) {
                straight = false;
            }
            throw e;
        }
    }

    /// Runs a program of our own in the same sandbox.
    ///
    /// @param program Python that uses the standard library alone
    /// @param input what it reads
    /// @return what it wrote
    String fetch(Bench bench, String minor, String program, String input)
            throws InterruptedException {
        return sandbox.ask(bench, minor, program, input);
    }

    /// Runs a command that uses git, where packages are built.
    void git(Bench bench, String minor, GitAccess access, List<String> line, Consumer<String> lines)
            throws Failed, InterruptedException {
        sandbox.run(bench, minor, Place.signingIn(bench, access), line, "", lines);
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
        sandbox.run(bench, minor, Place.signingIn(bench, recipe.git()), command, input, lines);
    }
}
