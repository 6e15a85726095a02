package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.base.Home;
import mews.host.EnvironmentLayout;
import mews.host.Uv;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxSpec;

/// Where programs of builds run: they see folders of their own build alone, and reach what its
/// layer and this host name besides the internet.
final class BuildSandbox {
    private final Home home;
    private final Uv uv;
    private final EnvironmentLayout layout;
    private final Sandbox sandbox;
    private final SandboxSpec.Network network;
    private final BuildSettings settings;

    BuildSandbox(
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

    /// What a program has of its own.
    ///
    /// @param open whether it needs nothing but the internet, and runs no code of others
    record Place(
            Path home,
            Path temporary,
            Map<String, String> environment,
            List<SandboxSpec.Bind> binds,
            boolean open) {
        /// Where packages are built.
        static Place draft(
                Bench bench, Map<String, String> environment, List<SandboxSpec.Bind> more) {
            List<SandboxSpec.Bind> binds = new ArrayList<>(more);
            binds.add(SandboxSpec.Bind.writable(bench.draft()));
            binds.add(SandboxSpec.Bind.writable(bench.cache(true)));
            // Wheels of gigabytes are unpacked here; the sandbox's own /tmp is memory.
            Path temporary = bench.draft().resolve("tmp");
            return new Place(bench.draft(), temporary, environment, binds, false);
        }

        /// The same, with access to git.
        static Place signingIn(Bench bench, GitAccess access) {
            try {
                // Another folder each time: it belongs to the build's own user once it was seen
                // there.
                Path hidden = Files.createTempDirectory(bench.hidden(), "");
                return draft(
                        bench, access.write(hidden), List.of(SandboxSpec.Bind.writable(hidden)));
            } catch (IOException e) {
                throw new UncheckedIOException("git cannot be told how to sign in", e);
            }
        }

        /// Where wheels are unpacked and nothing is built.
        static Place wheels(Bench bench, boolean open) {
            // Links need one mount, and what the server makes in there would not be uv's: uv makes
            // all.
            return new Place(
                    bench.wheels(),
                    bench.wheels(),
                    Map.of("UV_LINK_MODE", "hardlink", "UV_NO_BUILD", "1"),
                    List.of(
                            SandboxSpec.Bind.writable(bench.wheels()),
                            SandboxSpec.Bind.readOnly(bench.draft())),
                    open);
        }
    }

    /// Whether what builds reach can be bounded.
    boolean separateNetwork() {
        return sandbox.separateNetwork();
    }

    /// How long a server may send nothing.
    Duration stall() {
        return settings.stall(uv.environment());
    }

    /// @param input what it reads
    /// @param lines what it says on its way
    /// @throws Installer.Failed with what it said, if it ended with an error
    void run(
            Bench bench,
            String minor,
            Place place,
            List<String> command,
            String input,
            Consumer<String> lines)
            throws Installer.Failed, InterruptedException {
        List<String> said = new CopyOnWriteArrayList<>();
        Consumer<String> hear =
                line -> {
                    said.add(line);
                    lines.accept(line);
                };
        int code =
                SandboxRun.of(sandbox, spec(bench, minor, command, place), input, it -> {}, hear);
        if (code != 0) {
            throw new Installer.Failed(Explanation.gist(said, code));
        }
    }

    /// @param program Python that uses the standard library alone
    /// @param input what it reads
    /// @return what it wrote
    String ask(Bench bench, String minor, String program, String input)
            throws InterruptedException {
        List<String> command =
                List.of(layout.interpreter(minor).toString(), "-I", "-S", "-c", program);
        List<String> said = new CopyOnWriteArrayList<>();
        Place place = Place.draft(bench, Map.of(), List.of());
        SandboxRun.of(sandbox, spec(bench, minor, command, place), input, said::add, line -> {});
        return String.join("\n", said);
    }

    private SandboxSpec spec(Bench bench, String minor, List<String> command, Place place) {
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
                environment(place),
                place.home().toString(),
                binds,
                network(place),
                SandboxSpec.Limits.NONE,
                "",
                Map.of(),
                bench.reach());
    }

    /// Large wheels come faster without the proxy. What lets runners into the internet does as well
    /// where nothing else is wanted, unless this host itself goes out by a proxy.
    private SandboxSpec.Network network(Place place) {
        boolean straight =
                place.open()
                        && network == SandboxSpec.Network.PROXY
                        && uv.environment().keySet().stream().noneMatch(BuildSandbox::isProxy);
        return straight ? SandboxSpec.Network.EGRESS : network;
    }

    private static boolean isProxy(String variable) {
        String name = variable.toUpperCase(Locale.ROOT);
        return name.endsWith("_PROXY") && !name.equals("NO_PROXY");
    }

    private Map<String, String> environment(Place place) {
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
        return environment;
    }
}
