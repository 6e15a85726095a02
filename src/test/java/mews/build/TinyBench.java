package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.account.SealedSecrets;
import mews.base.Home;
import mews.base.Seal;
import mews.host.Command;
import mews.host.EnvironmentLayout;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.MachineKind;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;
import mews.sql.Database;
import mews.testing.TestDatabase;
import mews.testing.TinyIndex;

/// A builder with everything below it, and a tiny index to build from. It is slow to make: one for
/// each test class.
final class TinyBench implements AutoCloseable {
    static final Interpreters INTERPRETERS = Interpreters.ofHost();
    static final String MINOR =
            Stream.of("3.11", "3.12", "3.13")
                    .filter(minor -> INTERPRETERS.find(minor).isPresent())
                    .findFirst()
                    .orElseThrow();

    final TinyIndex index = new TinyIndex();
    final Database database = TestDatabase.fresh();
    final AtomicInteger starts = new AtomicInteger();
    final AtomicInteger compiles = new AtomicInteger();
    final List<String> said = new CopyOnWriteArrayList<>();
    final Home home;
    final EnvironmentLayout layout;
    final LayerStore.Shelves shelves;
    final ManagedEnvironmentBuilder builder;
    private final Sandboxes sandboxes;
    private final LayerStore store;

    /// @param leastFree bytes on the disk before a build starts
    TinyBench(Path root, long leastFree) throws Exception {
        home = new Home(root.resolve("home"), root.resolve("run"));
        sandboxes = Sandboxes.open(home, List.of());
        layout = new EnvironmentLayout(home, INTERPRETERS);
        shelves = Shelved.in(home, layout, database, leastFree);
        Uploaded none = url -> Optional.empty();
        store =
                new LayerStore(
                        home,
                        new Uv(INTERPRETERS),
                        layout,
                        new Counting(sandboxes.sandbox(), starts, compiles),
                        SandboxSpec.Network.PROXY,
                        none,
                        shelves,
                        BuildSettings.NONE);
        InstantSource clock = InstantSource.system();
        builder =
                new ManagedEnvironmentBuilder(
                        INTERPRETERS,
                        layout,
                        new SealedSecrets(database, new Seal(new byte[32]), clock),
                        none,
                        store,
                        clock);
    }

    @SafeVarargs
    final Image build(boolean force, List<String>... steps) throws InterruptedException {
        return builder.build(order(force, steps), line -> said.add(line.message()));
    }

    @SafeVarargs
    final EnvironmentBuilder.Order order(boolean force, List<String>... steps) {
        List<List<String>> all = new ArrayList<>();
        for (List<String> step : steps) {
            List<String> with = new ArrayList<>(List.of("--index-url", index.url()));
            with.addAll(step);
            all.add(with);
        }
        return new EnvironmentBuilder.Order(
                "local",
                "main",
                "demo",
                new EnvironmentSpec("virtualenv", MINOR, all, "uv", Map.of()),
                MachineKind.CPU,
                List.of(),
                force);
    }

    /// What a module says of itself in an environment.
    String ask(Image image, String module, String name) {
        String path =
                layout.pythonPath(image).stream()
                        .map(Path::toString)
                        .collect(Collectors.joining(":"));
        Command.Result asked =
                Command.run(
                        Duration.ofSeconds(60),
                        Map.of("PYTHONPATH", path),
                        List.of(
                                layout.interpreter(image).toString(),
                                "-c",
                                "import %s; print(%s.%s)".formatted(module, module, name)));
        return asked.ok() ? asked.out().strip() : asked.err();
    }

    /// Takes layers and downloads away, as pruning does.
    void lose(String... layers) throws IOException {
        for (CacheSource.Entry entry : shelves.layers().entries()) {
            if (List.of(layers).contains(entry.key())) {
                shelves.layers().remove(entry);
            }
        }
        for (CacheSource.Entry entry : shelves.packages().entries()) {
            shelves.packages().remove(entry);
        }
    }

    /// What builds left behind.
    List<Path> drafts() throws IOException {
        try (Stream<Path> all = Files.walk(home.layers().resolve(".builds"), 5)) {
            return all.filter(path -> path.getFileName().toString().startsWith("draft-")).toList();
        }
    }

    @Override
    public void close() {
        index.close();
        store.stop();
        sandboxes.close();
        database.close();
    }

    private record Counting(Sandbox real, AtomicInteger starts, AtomicInteger compiles)
            implements Sandbox {
        @Override
        public SandboxProcess start(SandboxSpec spec) throws IOException {
            // Byte code is made beside everything else.
            (spec.name().equals("build") ? starts : compiles).incrementAndGet();
            return real.start(spec);
        }

        @Override
        public String isolation() {
            return real.isolation();
        }

        @Override
        public boolean separateFiles() {
            return real.separateFiles();
        }

        @Override
        public boolean separateNetwork() {
            return real.separateNetwork();
        }
    }
}
