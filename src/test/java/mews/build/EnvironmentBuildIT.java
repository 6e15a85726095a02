package mews.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mews.base.Home;
import mews.host.Command;
import mews.host.EnvironmentLayout;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.MachineKind;
import mews.model.Refusal;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;
import mews.sql.Database;
import mews.testing.SecretsInMemory;
import mews.testing.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real installs in the real sandbox.
class EnvironmentBuildIT {
    private static final Interpreters INTERPRETERS = Interpreters.ofHost();
    private static final String MINOR =
            Stream.of("3.11", "3.12", "3.13")
                    .filter(minor -> INTERPRETERS.find(minor).isPresent())
                    .findFirst()
                    .orElseThrow();

    @TempDir private static Path root;

    private static final Database DATABASE = TestDatabase.fresh();
    private static Home home;
    private static Sandboxes sandboxes;
    private static EnvironmentLayout layout;
    private static CountingSandbox sandbox;
    private static LayerStore store;
    private static ManagedEnvironmentBuilder builder;

    private final List<LogLine> lines = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void open() throws Exception {
        home = new Home(root.resolve("home"), root.resolve("run"));
        sandboxes = Sandboxes.open(home, List.of());
        sandbox = new CountingSandbox(sandboxes.sandbox(), new AtomicInteger());
        layout = new EnvironmentLayout(home, INTERPRETERS);
        Uploaded none = url -> Optional.empty();
        store =
                new LayerStore(
                        home,
                        new Uv(INTERPRETERS),
                        layout,
                        sandbox,
                        SandboxSpec.Network.PROXY,
                        none,
                        Shelved.in(home, layout, DATABASE),
                        BuildSettings.NONE);
        builder =
                new ManagedEnvironmentBuilder(
                        INTERPRETERS,
                        layout,
                        new SecretsInMemory(Map.of("TOKEN", "s3cret-t0ken")),
                        none,
                        store,
                        InstantSource.system());
        builder.build(order(List.of()), line -> {});
    }

    @AfterAll
    static void close() {
        store.stop();
        sandboxes.close();
        DATABASE.close();
    }

    @BeforeEach
    void countAnew() {
        sandbox.starts().set(0);
    }

    @Test
    void installsWhatWasAskedFor() throws Exception {
        Image image = builder.build(order(List.of(List.of("six==1.15.0", "idna"))), lines::add);

        assertThat(python(image, "import six; print(six.__version__)")).isEqualTo("1.15.0");
        await().atMost(Duration.ofMinutes(1))
                .until(() ->
                        Files.exists(
                                layout.pythonPath(image).getFirst().resolveSibling("byte-code")));
        assertThat(layout.pythonPath(image).getFirst().resolve("__pycache__"))
                .isNotEmptyDirectory();
        assertThat(layout.pythonPath(image).getFirst().resolve("idna/__pycache__"))
                .isNotEmptyDirectory();
        assertThat(lines)
                .allSatisfy(line -> assertThat(line.source()).isEqualTo(LogLine.Source.BUILDER));
        assertThat(text()).contains("six==1.15.0");
        boolean alone = Flags.of(new Uv(INTERPRETERS).settings().lines(), List.of()).publicAlone();
        assertThat(lines)
                .filteredOn(line -> line.message().startsWith("Resolved"))
                .as("wheels are fetched from where the public index said when it was asked first")
                .hasSize(alone ? 1 : 2);
    }

    @Test
    void aNewerLayerWinsAndRepeatsNothing() throws Exception {
        Image image =
                builder.build(
                        order(
                                List.of(
                                        List.of("six==1.15.0", "packaging"),
                                        List.of("six==1.16.0", "packaging"))),
                        lines::add);

        assertThat(python(image, "import six; print(six.__version__)")).isEqualTo("1.16.0");
        assertThat(layout.pythonPath(image).getFirst().resolve("packaging")).doesNotExist();
        assertThat(layout.pythonPath(image).getLast().resolve("packaging")).exists();
    }

    @Test
    void whatIsThereNeedsNoProcess() throws Exception {
        var order = order(List.of(List.of("six==1.17.0")));
        Image first = builder.build(order, lines::add);
        sandbox.starts().set(0);

        Image second = builder.build(order, lines::add);

        assertThat(second).isEqualTo(first).isEqualTo(builder.find(order));
        assertThat(sandbox.starts()).hasValue(0);
        assertThat(text()).contains("cached");
    }

    @Test
    void tenAtOnceBuildOnceAndAllSeeTheLog() throws Exception {
        var order = order(List.of(List.of("iniconfig==2.0.0")));
        List<List<String>> seen = new ArrayList<>();
        List<Future<Image>> images = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                List<String> mine = new CopyOnWriteArrayList<>();
                seen.add(mine);
                images.add(each.submit(() -> builder.build(order, l -> mine.add(l.message()))));
            }
        }

        for (Future<Image> image : images) {
            assertThat(image.get()).isEqualTo(images.getFirst().get());
        }
        // To resolve, and to unpack the wheel.
        assertThat(sandbox.starts()).hasValue(2);
        assertThat(seen)
                .allSatisfy(said ->
                        assertThat(said).anyMatch(line -> line.contains("iniconfig==2.0.0")));
    }

    @Test
    void aFailureNamesTheAppAndTheResolversReason() {
        assertThatThrownBy(() -> builder.build(order(List.of(List.of("six==99.9"))), lines::add))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("app 'demo'")
                .hasMessageContaining("there is no version of six==99.9");
        assertThat(lines).anyMatch(line -> line.level() == LogLine.Level.ERROR);
        await().untilAsserted(() -> assertThat(drafts()).isEmpty());
    }

    @Test
    void anInterruptedBuildLeavesNothing() throws Exception {
        var order = order(List.of(List.of("botocore==1.34.0")));
        Thread caller =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                builder.build(order, lines::add);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        await().until(() -> sandbox.starts().get() > 0);

        caller.interrupt();
        caller.join();

        await().untilAsserted(() -> assertThat(drafts()).isEmpty());
        assertThat(builder.find(order)).isNull();
    }

    @Test
    void whatAKilledServerLeftIsSwept() throws Exception {
        Path left = home.layers().resolve(".builds/local/draft-123");
        Files.createDirectories(left.resolve("site"));

        store.sweep();

        assertThat(left).doesNotExist();
    }

    @Test
    void secretsAreNeitherSaidNorKept() throws Exception {
        assertThatThrownBy(() ->
                        builder.build(
                                order(
                                        List.of(
                                                List.of(
                                                        "six @ http://user:${TOKEN}@127.0.0.1:9/six-1.16.0.tar.gz"))),
                                lines::add))
                .isInstanceOf(Refusal.class)
                .hasMessageNotContaining("s3cret-t0ken");

        assertThat(text()).doesNotContain("s3cret-t0ken");
    }

    @ParameterizedTest
    @MethodSource("minors")
    void runnersFindTheirOwnPackages(String minor) throws Exception {
        var spec = new EnvironmentSpec("virtualenv", minor, List.of(), null, Map.of());
        var order =
                new EnvironmentBuilder.Order(
                        "local", "main", "demo", spec, MachineKind.CPU, List.of(), false);

        Image image = builder.build(order, lines::add);

        assertThat(
                        python(
                                image,
                                "import cloudpickle, tblib, grpc, google.protobuf, isolate; print('all')"))
                .isEqualTo("all");
    }

    static Stream<String> minors() {
        return INTERPRETERS.all().stream()
                .map(Interpreter::minor)
                .filter(minor -> minor.matches("3\\.(8|9|1\\d)"))
                .distinct();
    }

    @Test
    void containersAreRefusedWithWhatToUse() {
        var spec = new EnvironmentSpec("container", MINOR, List.of(), null, Map.of());
        var order =
                new EnvironmentBuilder.Order(
                        "local", "main", "demo", spec, MachineKind.CPU, List.of(), false);

        assertThatThrownBy(() -> builder.build(order, lines::add))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("virtualenv");
    }

    private static EnvironmentBuilder.Order order(List<List<String>> requirements) {
        var spec = new EnvironmentSpec("virtualenv", MINOR, requirements, "uv", Map.of());
        return new EnvironmentBuilder.Order(
                "local", "main", "demo", spec, MachineKind.CPU, List.of(), false);
    }

    private String text() {
        return lines.stream().map(LogLine::message).collect(Collectors.joining("\n"));
    }

    /// Drafts on disk.
    private static List<Path> drafts() {
        try (Stream<Path> all = Files.walk(home.layers().resolve(".builds"), 5)) {
            return all.filter(path -> path.getFileName().toString().startsWith("draft-")).toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            return List.of(home.layers());
        }
    }

    private static String python(Image image, String script) {
        List<Path> path = new ArrayList<>(layout.pythonPath(image));
        layout.support(image.pythonVersion()).ifPresent(path::add);
        var asked =
                Command.run(
                        Duration.ofSeconds(60),
                        Map.of(
                                "PYTHONPATH",
                                path.stream().map(Path::toString).collect(Collectors.joining(":"))),
                        List.of(layout.interpreter(image).toString(), "-c", script));
        return asked.ok() ? asked.out().strip() : asked.err();
    }

    private record CountingSandbox(Sandbox real, AtomicInteger starts) implements Sandbox {
        @Override
        public SandboxProcess start(SandboxSpec spec) throws IOException {
            // Byte code is made beside everything else.
            if (spec.name().equals("build")) {
                starts.incrementAndGet();
            }
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
