package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.base.Home;
import mews.host.Command;
import mews.host.EnvironmentLayout;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.MachineKind;
import mews.model.Refusal;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;
import mews.sql.Database;
import mews.testing.SecretsInMemory;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;

/// A real builder with a state folder of its own, for the length of a test class.
final class BuildBench implements AutoCloseable {
    static final Interpreters INTERPRETERS = Interpreters.ofHost();
    static final String MINOR =
            Stream.of("3.11", "3.12", "3.13")
                    .filter(minor -> INTERPRETERS.find(minor).isPresent())
                    .findFirst()
                    .orElseThrow();

    final Home home;
    final EnvironmentLayout layout;
    final Map<String, String> secrets = new ConcurrentHashMap<>();
    final Map<String, Uploaded.File> uploads = new ConcurrentHashMap<>();
    final ManagedEnvironmentBuilder builder;

    private final Database database = TestDatabase.fresh();
    private final LayerStore store;
    private final Sandboxes sandboxes;
    private final List<String> said = new CopyOnWriteArrayList<>();

    BuildBench(Path root) {
        this(root, new BuildSettings(Duration.ofSeconds(1), null, null));
    }

    BuildBench(Path root, BuildSettings settings) {
        this(root, settings, new Uv(INTERPRETERS));
    }

    BuildBench(Path root, BuildSettings settings, Uv uv) {
        home = new Home(root.resolve("home"), root.resolve("run"));
        sandboxes = Sandboxes.open(home, List.of());
        layout = new EnvironmentLayout(home, INTERPRETERS);
        Uploaded uploaded = url -> Optional.ofNullable(uploads.get(url));
        store =
                new LayerStore(
                        home,
                        uv,
                        layout,
                        sandboxes.sandbox(),
                        SandboxSpec.Network.PROXY,
                        uploaded,
                        Shelved.in(home, layout, database),
                        settings);
        builder =
                new ManagedEnvironmentBuilder(
                        INTERPRETERS,
                        layout,
                        new SecretsInMemory(secrets),
                        uploaded,
                        store,
                        InstantSource.system());
    }

    /// Builds steps, each a list of arguments.
    @SafeVarargs
    @SuppressWarnings("varargs") // Only read.
    final Image build(List<String>... steps) {
        return build(false, MachineKind.CPU, List.of(steps));
    }

    Image build(boolean force, MachineKind machine, List<List<String>> steps) {
        said.clear();
        try {
            return builder.build(order(force, machine, steps), line -> said.add(line.message()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// What a step is resolved to, each time anew.
    ///
    /// @param resolver as the environment names it, or null
    LockedEnvironment locked(@Nullable String resolver, List<String> step)
            throws InterruptedException {
        var spec = new EnvironmentSpec("virtualenv", MINOR, List.of(step), resolver, Map.of());
        var order =
                new EnvironmentBuilder.Order(
                        "local", "main", "demo", spec, MachineKind.CPU, List.of(), true);
        return builder.lock(order, builder.build(order, line -> {}));
    }

    /// @return why it cannot be built
    @SafeVarargs
    @SuppressWarnings("varargs") // Only read.
    final String refusal(List<String>... steps) {
        List<List<String>> all = List.of(steps);
        @Nullable Refusal refused =
                catchThrowableOfType(Refusal.class, () -> build(false, MachineKind.CPU, all));
        assertThat(refused).as("a refusal; it said: %s", said()).isNotNull();
        return String.valueOf(refused.getMessage());
    }

    EnvironmentBuilder.Order order(boolean force, MachineKind machine, List<List<String>> steps) {
        var spec = new EnvironmentSpec("virtualenv", MINOR, steps, "uv", Map.of());
        return new EnvironmentBuilder.Order(
                "local", "main", "demo", spec, machine, List.of(), force);
    }

    /// What the last build said.
    String said() {
        return String.join("\n", said);
    }

    /// @return what a script prints that runs with the image's packages
    String python(Image image, String script) {
        String path =
                layout.pythonPath(image).stream()
                        .map(Path::toString)
                        .collect(Collectors.joining(":"));
        List<String> line =
                new ArrayList<>(List.of(layout.interpreter(image).toString(), "-c", script));
        Command.Result asked =
                Command.run(Duration.ofSeconds(60), Map.of("PYTHONPATH", path), line);
        return asked.ok() ? asked.out().strip() : asked.err();
    }

    /// @return `version origin` of a made-up package
    String told(Image image, String name) {
        return python(image, "import %s as it; print(it.__version__, it.origin)".formatted(name));
    }

    @Override
    public void close() {
        store.stop();
        sandboxes.close();
        database.close();
    }
}
