package mews.server;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import mews.account.CallTokens;
import mews.base.Home;
import mews.build.Cache;
import mews.control.ControlDoor;
import mews.control.ControlRooms;
import mews.deploy.Deployment;
import mews.dispatch.Dispatcher;
import mews.dispatch.RunnerClient;
import mews.dispatch.VertxDispatcher;
import mews.fleet.Fleet;
import mews.fleet.GpuDesk;
import mews.fleet.Ground;
import mews.fleet.ProcessFleet;
import mews.gateway.Gateway;
import mews.gateway.WorkflowRuns;
import mews.host.Cdi;
import mews.host.Machine;
import mews.model.Addresses;
import mews.model.MachineCatalog;
import mews.model.Refusal;
import mews.queue.PostgresQueue;
import mews.queue.Queue;
import mews.queue.Retention;
import mews.reconcile.Reconciler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One server: builds every room from the ground up, and takes them down in the opposite order.
public final class MewsServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MewsServer.class);

    private final Home home;
    private final Reservation reservation;
    private final ServerConfig config;
    private final Addresses addresses;
    private final GpuDesk gpus;
    private final MachineCatalog machines;
    private final Clock clock = Clock.systemUTC();
    private final Shutdown shutdown;
    private final CountDownLatch unused = new CountDownLatch(1);
    private final Tls tls;
    private final Vertx vertx;
    private final Listeners listeners;

    private MewsServer(Home home, Reservation reservation, Tls tls, Shutdown shutdown) {
        this.home = home;
        this.reservation = reservation;
        this.config = reservation.config();
        this.shutdown = shutdown;
        this.addresses = config.urls();
        this.gpus = new GpuDesk(Cdi.gpus(config.place().cdiFolders()));
        this.machines = config.catalog(Machine.memoryBytes(), gpus.all());
        this.tls = tls;
        this.vertx = tls.vertx(new VertxOptions().setEventLoopPoolSize(Machine.cores()));
        this.listeners = new Listeners(vertx, Machine.cores());
    }

    /// Starts everything and returns once the server answers.
    ///
    /// @throws Refusal if a port that was asked for is taken, the state folder belongs to a running
    ///   server, or the host lacks something; what was started is stopped
    public static MewsServer start(Home home, ServerConfig wished)
            throws IOException, InterruptedException {
        Shutdown shutdown = new Shutdown();
        shutdown.later("lock", HomeLock.take(home));
        try {
            Reservation reservation = shutdown.later("addresses", Reservation.take(wished));
            Tls tls = Tls.open(home, reservation.config(), Clock.systemUTC());
            shutdown.later("certificates", tls);
            MewsServer server = new MewsServer(home, reservation, tls, shutdown);
            server.open();
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            shutdown.run();
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
        Keepers keepers = Keepers.open(home, config, clock, shutdown);
        Workshop workshop = Workshop.open(home, config, keepers, clock, shutdown);
        Queue queue = queue(keepers);
        Deployment deployment =
                Deployment.open(
                        keepers.database(),
                        keepers.seal(),
                        workshop.builder(),
                        machines,
                        keepers.logs(),
                        clock);
        shutdown.later("environments", deployment.environments());
        ProcessFleet fleet = shutdown.later("fleet", fleet(keepers, workshop, deployment));
        Cache cache =
                shutdown.later("cache", workshop.cache(config.cache(), deployment, fleet, clock));
        // Once nobody gives them work or replaces them: see the order below.
        shutdown.later("runners", () -> fleet.drainAll(config.server().drain()));
        Dispatcher dispatcher =
                shutdown.later("dispatcher", dispatcher(keepers, deployment, fleet, queue));
        Reconciler reconciler =
                shutdown.later(
                        "reconciler", reconciler(keepers, deployment, fleet, queue, dispatcher));
        ControlDoor control =
                control(keepers, workshop, deployment, fleet, queue, cache, reconciler);
        Gateway gateway = gateway(keepers, deployment, queue, dispatcher);
        Presence presence = new Presence(vertx, unused::countDown);
        listen(
                new FrontDoor.Doors(
                        control.grpc(), control.rest(), gateway::handle, presence::hold));
        shutdown.later("presence", presence);
    }

    private Queue queue(Keepers keepers) {
        Retention standard = Retention.DEFAULT;
        PostgresQueue queue =
                shutdown.later(
                        "queue",
                        PostgresQueue.open(
                                keepers.database(),
                                home,
                                keepers.seal(),
                                keepers.history(),
                                clock,
                                new Retention(
                                        config.queue().retention(),
                                        standard.small(),
                                        standard.large(),
                                        standard.largeBytes())));
        int voided = queue.voidLeases();
        if (voided > 0) {
            LOG.info("requests of an earlier life wait again requests={}", voided);
        }
        return queue;
    }

    private ProcessFleet fleet(Keepers keepers, Workshop workshop, Deployment deployment)
            throws IOException {
        return ProcessFleet.open(
                new Ground(
                        home,
                        workshop.sandbox(),
                        workshop.layout(),
                        Sources.runner(),
                        listeners,
                        () -> addresses,
                        config.place().region(),
                        tls.roots(),
                        keepers.files().blobs(),
                        keepers.keys(),
                        keepers.secrets(),
                        keepers.logs(),
                        keepers.history(),
                        new Ground.WarmSettings(
                                config.runners().warmMemoryBytes(), config.runners().forksAhead()),
                        gpus,
                        app ->
                                Optional.ofNullable(deployment.routes().find(app))
                                        .map(route -> route.alias().requestTimeout()),
                        clock),
                keepers.database());
    }

    private Dispatcher dispatcher(
            Keepers keepers, Deployment deployment, Fleet fleet, Queue queue) {
        return VertxDispatcher.start(
                vertx,
                fleet,
                queue,
                deployment.routes(),
                new RunnerClient(vertx),
                keepers.history(),
                config.runners().streamDrain(),
                clock);
    }

    private Reconciler reconciler(
            Keepers keepers,
            Deployment deployment,
            Fleet fleet,
            Queue queue,
            Dispatcher dispatcher) {
        String region = config.place().region();
        return new Reconciler(
                deployment.routes(),
                deployment.aliases(),
                deployment.deployer(),
                deployment.environments(),
                fleet,
                queue,
                dispatcher,
                keepers.history(),
                new Host(
                        machines,
                        region == null ? "" : region,
                        config.place().memoryMarginBytes(),
                        gpus),
                clock);
    }

    private Gateway gateway(
            Keepers keepers, Deployment deployment, Queue queue, Dispatcher dispatcher) {
        return new Gateway(
                vertx,
                deployment.routes(),
                keepers.keys(),
                keepers.teams(),
                new CallTokens(keepers.seal(), clock),
                dispatcher,
                queue,
                keepers.logs(),
                keepers.history(),
                shutdown.later(
                        "workflows",
                        WorkflowRuns.start(
                                deployment.workflows(), deployment.routes(), queue, clock)),
                new CallerUrls(config),
                clock);
    }

    private ControlDoor control(
            Keepers keepers,
            Workshop workshop,
            Deployment deployment,
            Fleet fleet,
            Queue queue,
            Cache cache,
            Reconciler reconciler)
            throws IOException {
        return new ControlDoor(
                vertx,
                new ControlRooms(
                        keepers.accounts(),
                        keepers.keys(),
                        keepers.teams(),
                        keepers.secrets(),
                        keepers.logs(),
                        keepers.history(),
                        keepers.files(),
                        keepers.seal(),
                        new SealingKeys(home, keepers.seal(), keepers.secrets()),
                        home,
                        fleet,
                        queue,
                        workshop.builder(),
                        deployment,
                        machines,
                        new ControlRooms.Reach(
                                addresses,
                                config.secureUrls(),
                                tls.authority(),
                                new CallerUrls(config)),
                        config.place().region(),
                        cache,
                        reconciler::standing,
                        clock));
    }

    private void listen(FrontDoor.Doors doors) throws IOException, InterruptedException {
        Authorities authorities = new Authorities(config);
        shutdown.later("listeners", () -> listeners.drain(config.server().drain()));
        reservation.close();
        listeners.open(authorities, new FrontDoor(authorities, doors));
        shutdown.later("server.json", () -> ServerFile.delete(home));
        ServerFile.of(config.numberedUrls(), clock.instant().toString()).write(home);
        LOG.info("server is ready api={} home={}", addresses.api(), home.root());
    }
}
