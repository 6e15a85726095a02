package mews.server;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import mews.account.AccountTable;
import mews.account.KeyRing;
import mews.account.SealedSecrets;
import mews.base.Env;
import mews.base.Home;
import mews.base.Seal;
import mews.build.EnvironmentBuilder;
import mews.build.LayerStore;
import mews.build.ManagedEnvironmentBuilder;
import mews.build.Uploaded;
import mews.control.ControlDoor;
import mews.control.ControlRooms;
import mews.deploy.Deployment;
import mews.dispatch.RunnerClient;
import mews.dispatch.VertxDispatcher;
import mews.fleet.Ground;
import mews.fleet.ProcessFleet;
import mews.gateway.Gateway;
import mews.history.FactStore;
import mews.host.EnvironmentLayout;
import mews.host.Interpreters;
import mews.host.Machine;
import mews.host.Uv;
import mews.logs.LogStore;
import mews.model.Addresses;
import mews.model.MachineCatalog;
import mews.model.Refusal;
import mews.queue.PostgresQueue;
import mews.queue.Retention;
import mews.reconcile.Reconciler;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;
import mews.sql.Database;
import mews.sql.EmbeddedPostgres;
import mews.storage.AppFiles;
import mews.storage.BlobFolder;
import mews.storage.Parts;
import mews.storage.Uploads;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One server: builds every room from the ground up, and takes them down in the opposite order.
public final class MewsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MewsServer.class);

    private final Home home;
    private final ServerConfig config;
    private final Addresses addresses;
    private final Clock clock = Clock.systemUTC();
    private final Shutdown shutdown = new Shutdown();
    private final CountDownLatch unused = new CountDownLatch(1);
    private final Vertx vertx;

    private MewsServer(Home home, ServerConfig config) {
        this.home = home;
        this.config = config;
        this.addresses = config.urls();
        this.vertx =
                Vertx.vertx(
                        new VertxOptions()
                                .setPreferNativeTransport(true)
                                .setEventLoopPoolSize(Machine.cores()));
    }

    /// Starts everything and returns once the server answers.
    ///
    /// @throws Refusal if the configuration is wrong, or the state folder belongs to a running
    ///   server
    public static MewsServer start(Home home, ServerConfig wished)
            throws IOException, InterruptedException {
        HomeLock lock = HomeLock.take(home);
        MewsServer server = new MewsServer(home, Authorities.free(wished));
        server.shutdown.later("lock", lock);
        try {
            server.open();
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    public Addresses addresses() {
        return addresses;
    }

    /// Waits until nobody has used the server for a while. Only for servers that were started for a
    /// command.
    public void awaitUnused() throws InterruptedException {
        unused.await();
    }

    /// Takes no new calls, lets those under way and their runners end within the drain time, and
    /// stops.
    @Override
    public void close() {
        shutdown.run();
    }

    private void open() throws IOException, InterruptedException {
        shutdown.later(
                "vertx", () -> vertx.close().toCompletionStage().toCompletableFuture().get());
        Seal seal = FirstStart.seal(home);
        Database database = database();
        var accounts = new AccountTable(database, clock);
        var keys = new KeyRing(database, clock);
        var secrets = new SealedSecrets(database, seal, clock);
        FirstStart.account(home, accounts, keys);
        var logs = shutdown.later("logs", new LogStore(database, clock, config.logs().retention()));
        var history =
                shutdown.later(
                        "history", new FactStore(database, clock, config.history().retention()));
        var blobs = new BlobFolder(home.files());
        var parts = new Parts(home.files(), clock);
        var uploads = shutdown.later("uploads", new Uploads(database, home.files(), parts, clock));
        var sandboxes =
                shutdown.later("sandbox", Sandboxes.open(home, config.sandbox().allowNetworks()));
        var layout = new EnvironmentLayout(home, Interpreters.ofHost());
        MachineCatalog machines = config.catalog(Machine.memoryBytes());
        EnvironmentBuilder builder = builder(sandboxes, layout, secrets, uploads);
        Listeners listeners = new Listeners(vertx, Machine.cores());
        var queue =
                shutdown.later(
                        "queue",
                        PostgresQueue.open(
                                database, home, seal, history, clock, Retention.DEFAULT));
        queue.voidLeases();
        var fleet =
                shutdown.later(
                        "fleet",
                        ProcessFleet.open(
                                new Ground(
                                        home,
                                        sandboxes.sandbox(),
                                        layout,
                                        runnerSource(),
                                        listeners,
                                        () -> addresses,
                                        config.place().region(),
                                        blobs,
                                        keys,
                                        secrets,
                                        logs,
                                        history,
                                        clock),
                                database));
        Deployment deployment = Deployment.open(database, seal, builder, machines, clock);
        var dispatcher =
                shutdown.later(
                        "dispatcher",
                        VertxDispatcher.start(
                                vertx,
                                fleet,
                                queue,
                                deployment.routes(),
                                new RunnerClient(vertx),
                                history,
                                clock));
        shutdown.later(
                "reconciler",
                new Reconciler(
                        deployment.routes(),
                        deployment.aliases(),
                        deployment.deployer(),
                        fleet,
                        queue,
                        dispatcher,
                        history,
                        new Host(machines, region(), config.place().memoryMarginBytes()),
                        clock));
        shutdown.later("runners", () -> fleet.drainAll(config.server().drain()));
        var gateway =
                new Gateway(
                        vertx,
                        deployment.routes(),
                        keys,
                        dispatcher,
                        queue,
                        logs,
                        history,
                        () -> addresses,
                        clock);
        var control =
                new ControlDoor(
                        vertx,
                        new ControlRooms(
                                accounts,
                                keys,
                                secrets,
                                logs,
                                history,
                                new ControlRooms.FileRooms(
                                        blobs, new AppFiles(blobs, parts), parts, uploads),
                                seal,
                                home,
                                fleet,
                                queue,
                                builder,
                                deployment,
                                machines,
                                addresses,
                                config.place().region(),
                                clock));
        Presence presence = new Presence(vertx, unused::countDown);
        listen(
                listeners,
                new FrontDoor.Doors(
                        control.grpc(), control.rest(), gateway::handle, presence::hold));
    }

    private void listen(Listeners listeners, FrontDoor.Doors doors)
            throws IOException, InterruptedException {
        Authorities authorities = new Authorities(config);
        listeners.open(authorities, new FrontDoor(authorities, doors));
        shutdown.later("listeners", () -> listeners.drain(config.server().drain()));
        ServerFile.of(addresses, clock.instant().toString()).write(home);
        shutdown.later("server.json", () -> ServerFile.delete(home));
        LOG.info("server is ready api={} home={}", addresses.api(), home.root());
    }

    private Database database() throws IOException {
        String url = config.sql().url();
        if (url == null) {
            Files.createDirectories(home.logs());
            EmbeddedPostgres postgres =
                    EmbeddedPostgres.start(
                            home.tools(),
                            home.postgres(),
                            home.logs().resolve("postgres.log"),
                            true);
            shutdown.later("postgres", postgres);
            url = postgres.url();
        }
        return shutdown.later("database", Database.open(url, config.sql().connections()));
    }

    private EnvironmentBuilder builder(
            Sandboxes sandboxes, EnvironmentLayout layout, SealedSecrets secrets, Uploads uploads)
            throws IOException {
        Interpreters interpreters = Interpreters.ofHost();
        Uploaded uploaded =
                url ->
                        uploads.findByUrl(url)
                                .map(file ->
                                        new Uploaded.File(
                                                file.sha256(), file.file(), file.fileName()));
        LayerStore store =
                new LayerStore(
                        home,
                        new Uv(interpreters),
                        layout,
                        sandboxes.sandbox(),
                        SandboxSpec.Network.HOST,
                        uploaded);
        store.sweep();
        return new ManagedEnvironmentBuilder(interpreters, layout, secrets, uploaded, store, clock);
    }

    /// Beside the launcher, or where `MEWS_RUNNER_SRC` says.
    private static Path runnerSource() {
        String launcher = System.getProperty("mews.launcher");
        Path beside =
                launcher == null
                        ? Path.of("runner/src")
                        : Path.of(launcher)
                                .toAbsolutePath()
                                .resolveSibling("runner")
                                .resolve("src");
        return Path.of(Env.get("MEWS_RUNNER_SRC", beside.toString()));
    }

    private String region() {
        String region = config.place().region();
        return region == null ? "" : region;
    }
}
