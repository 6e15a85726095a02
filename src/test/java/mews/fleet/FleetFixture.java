package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import mews.account.AccountTable;
import mews.account.KeyRing;
import mews.account.SealedSecrets;
import mews.base.Folders;
import mews.base.Home;
import mews.base.Json;
import mews.base.Seal;
import mews.host.EnvironmentLayout;
import mews.host.Gpu;
import mews.host.Interpreters;
import mews.model.Addresses;
import mews.model.AppName;
import mews.model.LogLine;
import mews.model.MachineKind;
import mews.model.MachineType;
import mews.model.Revision;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.sandbox.Sandbox;
import mews.sandbox.Sandboxes;
import mews.sql.Database;
import mews.storage.BlobFolder;
import mews.testing.FakeRunner;
import mews.testing.MemoryHistory;
import mews.testing.MemoryLogs;
import mews.testing.Pythons;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A fleet on this host, with everything true around it but the log and the history.
final class FleetFixture implements AutoCloseable {
    static final AppName APP = new AppName("local", "it");
    static final Duration PATIENCE = Duration.ofSeconds(90);
    static final MachineType BIG = new MachineType("L", MachineKind.CPU, 4000, 4_000_000_000L, 0);
    static final MachineType SMALL = new MachineType("XS", MachineKind.CPU, 1000, 300_000_000L, 0);

    private static final String MINOR = Pythons.MINOR;
    final Home home;
    final Database database;
    final Sandboxes sandboxes;
    final Sandbox sandbox;
    final KeyRing keys;
    final SealedSecrets secrets;
    final BlobFolder blobs;
    final MemoryLogs logs = new MemoryLogs();
    final MemoryHistory history = new MemoryHistory();
    final InstantSource clock = InstantSource.system();
    final ProcessFleet fleet;

    /// In force for all apps; null: none is deployed.
    volatile @Nullable Duration requestTimeout;

    private final Ground.WarmSettings warm;
    private final GpuDesk gpus;
    private final Path root;

    /// On the best sandbox of this host.
    FleetFixture() throws IOException, InterruptedException {
        this(null);
    }

    FleetFixture(@Nullable Sandbox other) throws IOException, InterruptedException {
        this(other, new Ground.WarmSettings(0, 0));
    }

    FleetFixture(@Nullable Sandbox other, Ground.WarmSettings warm)
            throws IOException, InterruptedException {
        this(other, warm, List.of());
    }

    FleetFixture(@Nullable Sandbox other, Ground.WarmSettings warm, List<Gpu> gpus)
            throws IOException, InterruptedException {
        this.warm = warm;
        this.gpus = new GpuDesk(gpus);
        // Short, for sockets have paths of at most 107 bytes.
        root = Files.createTempDirectory(Path.of("/tmp"), "mf");
        home = new Home(root.resolve("home"), root.resolve("run"));
        Files.createDirectories(home.root());
        database = TestDatabase.fresh();
        new AccountTable(database, clock).ensureFirst();
        keys = new KeyRing(database, clock);
        secrets = new SealedSecrets(database, new Seal(new byte[32]), clock);
        blobs = new BlobFolder(home.files());
        layers();
        sandboxes = Sandboxes.open(home, List.of());
        sandbox = other == null ? sandboxes.sandbox() : other;
        fleet = ProcessFleet.open(ground(), database);
    }

    /// What runners are to trust.
    private Path roots() {
        try {
            return Files.writeString(home.root().resolve("roots.pem"), "roots of this test");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Ground ground() {
        return new Ground(
                home,
                sandbox,
                layout(),
                Path.of("runner/src"),
                (socket, account) ->
                        FakeRunner.start(
                                socket,
                                request -> FakeRunner.Answer.of(200, account + request.path())),
                () ->
                        new Addresses(
                                "http://127.0.0.1:18787",
                                "http://127.0.0.1:18787",
                                "http://127.0.0.2:18787",
                                "ws://127.0.0.3:18787"),
                "here",
                roots(),
                blobs,
                keys,
                secrets,
                logs,
                history,
                warm,
                gpus,
                app -> Optional.ofNullable(requestTimeout),
                clock);
    }

    UUID start(Wish wish) {
        return start(wish, revision(wish));
    }

    UUID start(Wish wish, Revision revision) {
        return fleet.start(
                new RunnerOrder(revision, 1, wish.machine(), 4, wish.startup(), wish.job()));
    }

    Revision revision(Wish wish) {
        return wish.revision(clock);
    }

    /// Waits for a parent of its runners, where there are any.
    ///
    /// @return how its next runner will come to be
    String warm(Revision revision) {
        if (warm.memoryBytes() == 0 || !sandbox.noForks().isEmpty()) {
            return "plain";
        }
        fleet.warm(revision);
        await().atMost(PATIENCE).until(() -> fleet.parents().isWarm(revision));
        return "forked";
    }

    /// Waits until it takes requests.
    RunnerView ready(UUID runner) {
        return await().atMost(PATIENCE)
                .until(
                        () -> {
                            RunnerView view = fleet.find(runner).orElseGet(() -> stopped(runner));
                            assertThat(view.state())
                                    .as("runner; its log: %s", logs.messages())
                                    .isNotInstanceOf(RunnerState.Stopped.class);
                            return view;
                        },
                        view -> view.state() instanceof RunnerState.Ready);
    }

    /// Waits until it is gone with all that belonged to it.
    StopReason end(UUID runner) {
        await().atMost(PATIENCE).until(() -> fleet.find(runner).isEmpty());
        RunnerState state = stopped(runner).state();
        return ((RunnerState.Stopped) state).reason();
    }

    RunnerView stopped(UUID runner) {
        return fleet.ended(APP.owner(), java.time.Instant.EPOCH).stream()
                .filter(view -> view.id().equals(runner))
                .findFirst()
                .orElseThrow();
    }

    void awaitLine(String part) {
        await().atMost(PATIENCE)
                .until(() -> logs.messages().stream().anyMatch(line -> line.contains(part)));
    }

    LogLine line(String part) {
        return logs.lines().stream()
                .filter(line -> line.message().contains(part))
                .findFirst()
                .orElseThrow();
    }

    JsonNode call(RunnerView runner, String path, Map<String, ?> body) {
        return Json.MAPPER.readTree(raw(runner, "POST", path, Json.write(body), ""));
    }

    /// @param headers whole lines, each with its end
    String raw(RunnerView runner, String method, String path, String body, String headers) {
        String socket = ((RunnerState.Ready) runner.state()).endpoint().socketPath();
        String request =
                "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
                        .formatted(method, path, headers, body.length(), body);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            InputStream in = Channels.newInputStream(channel);
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int head = answer.indexOf("\r\n\r\n");
            return head < 0 ? answer : answer.substring(head + 4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What runners left on this host.
    List<Path> leftovers() throws IOException {
        try (Stream<Path> work = Files.list(home.runners());
                Stream<Path> sockets = Files.list(home.sockets().resolve("r"));
                Stream<Path> endpoints = Files.list(home.sockets().resolve("e"))) {
            return Stream.of(work, sockets, endpoints).flatMap(files -> files).toList();
        }
    }

    @Override
    public void close() throws IOException {
        fleet.close();
        sandboxes.close();
        database.close();
        Folders.delete(root);
    }

    EnvironmentLayout layout() {
        return new EnvironmentLayout(home, Interpreters.ofHost());
    }

    private void layers() throws IOException, InterruptedException {
        Files.createDirectories(home.layers());
        Files.createDirectories(home.environments());
        Path app = Files.createDirectories(home.layers().resolve("app/site"));
        Files.copy(Path.of("src/test/resources/fleet/itapp.py"), app.resolve("itapp.py"));
        Files.createSymbolicLink(
                home.layers().resolve("sdk"), PythonLayers.cached(MINOR, "fal==1.83.0"));
        support(MINOR);
    }

    /// Makes the support layer of a Python version.
    void support(String minor) throws IOException, InterruptedException {
        Files.createSymbolicLink(
                layout().supportLink(minor),
                PythonLayers.cached(minor, "cloudpickle==3.1.2", "tblib==3.1.0"));
    }

    /// Waits for the one call that it gets.
    static final class Job implements JobListener {
        final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        final CompletableFuture<StopReason> failure = new CompletableFuture<>();

        @Override
        public void finished(Outcome told) {
            assertThat(outcome.complete(told)).isTrue();
        }

        @Override
        public void failed(StopReason reason) {
            assertThat(failure.complete(reason)).isTrue();
        }
    }
}
