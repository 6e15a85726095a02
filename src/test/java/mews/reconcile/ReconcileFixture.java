package mews.reconcile;

import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import mews.base.Home;
import mews.base.Ids;
import mews.base.Seal;
import mews.deploy.Deployer;
import mews.deploy.Deployment;
import mews.dispatch.Demand;
import mews.dispatch.Dispatcher;
import mews.model.AppName;
import mews.model.DeploymentStrategy;
import mews.model.MachineCatalog;
import mews.model.Revision;
import mews.model.Route;
import mews.model.RunnerView;
import mews.model.ScalePolicy;
import mews.model.Timeouts;
import mews.place.Placement;
import mews.queue.PostgresQueue;
import mews.queue.Queue;
import mews.queue.Retention;
import mews.sql.Database;
import mews.testing.FakeBuilder;
import mews.testing.FakeFleet;
import mews.testing.MemoryHistory;
import mews.testing.MemoryLogs;
import mews.testing.Specs;
import mews.testing.TestClock;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;

/// A true reconciler over true deploys and a true queue; its runners and the callers of direct
/// calls are the test's, and so is the time.
final class ReconcileFixture implements AutoCloseable, Hosting {
    static final AppName APP = new AppName("ada", "hello");
    private static final long GB = 1_000_000_000L;

    final TestClock clock = new TestClock();
    final FakeFleet fleet = new FakeFleet();
    final FakeBuilder builder = new FakeBuilder();
    final MemoryHistory history = new MemoryHistory();
    final Map<AppName, Demand> demands = new ConcurrentHashMap<>();
    final Deployment deployment;
    Reconciler reconciler;
    volatile long freeMemory = 4 * GB;
    private final Database database = TestDatabase.fresh();
    private final PostgresQueue queue;

    ReconcileFixture() {
        try {
            Path folder = Files.createTempDirectory("mews-reconcile");
            Seal seal = new Seal(new byte[32]);
            queue =
                    PostgresQueue.open(
                            database,
                            new Home(folder, folder),
                            seal,
                            history,
                            clock,
                            Retention.DEFAULT);
            deployment =
                    Deployment.open(
                            database,
                            seal,
                            builder,
                            MachineCatalog.standard(),
                            new MemoryLogs(),
                            clock);
            reconciler = open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Reconciler open() {
        return new Reconciler(
                deployment.routes(),
                deployment.aliases(),
                deployment.deployer(),
                deployment.environments(),
                fleet,
                queue,
                new Callers(),
                history,
                this,
                clock);
    }

    /// Another one on what is stored, as in another life of the server.
    void restart() {
        reconciler.close();
        fleet.warmed.clear();
        reconciler = open();
    }

    @Override
    public MachineCatalog catalog() {
        return MachineCatalog.standard();
    }

    @Override
    public Placement.Node node() {
        return new Placement.Node("", freeMemory, GB, 0, 0);
    }

    static ScalePolicy policy(int min, int max) {
        return new ScalePolicy(min, max, 1, 0, 0, Duration.ZERO, Duration.ofSeconds(60));
    }

    Revision deploy(ScalePolicy scale) throws InterruptedException {
        return deployment
                .deployer()
                .deploy(
                        new Deployer.Registration(
                                APP,
                                Specs.app(scale, Timeouts.DEFAULT, List.of("S")),
                                null,
                                DeploymentStrategy.ROLLING,
                                true,
                                false),
                        line -> {});
    }

    /// Apps for which requests wait.
    Set<AppName> awaited() {
        return queue.depths(clock.instant()).keySet();
    }

    void enqueue(int requests) {
        enqueue(APP, requests);
    }

    void enqueue(AppName app, int requests) {
        for (int i = 0; i < requests; i++) {
            queue.submit(
                    new Queue.NewRequest(
                            Ids.next(clock),
                            app,
                            "POST",
                            "/",
                            Map.of(),
                            "{}".getBytes(StandardCharsets.UTF_8),
                            "ada",
                            Queue.Priority.NORMAL,
                            null,
                            false,
                            null,
                            null,
                            null,
                            true,
                            clock.instant()),
                    null);
        }
    }

    void advance(Duration by) {
        clock.advance(by);
        reconciler.poke();
    }

    List<UUID> runners() {
        return fleet.live().stream().map(RunnerView::id).sorted().toList();
    }

    List<UUID> runnersOf(Revision revision) {
        return fleet.live().stream()
                .filter(runner -> runner.revision().equals(revision.id()))
                .map(RunnerView::id)
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        reconciler.close();
        deployment.environments().close();
        queue.close();
        database.close();
    }

    /// Direct calls are a number that the test sets.
    private final class Callers implements Dispatcher {
        @Override
        public Future<Slot> admit(
                Route route, UUID request, Instant deadline, @Nullable String hint) {
            throw new UnsupportedOperationException(
                    "reconciling admits no calls; their number is set");
        }

        @Override
        public void abandon(UUID request) {}

        @Override
        public Map<AppName, Demand> demands() {
            return Map.copyOf(demands);
        }

        @Override
        public void onDemand(Consumer<AppName> listener) {}

        @Override
        public void close() {}
    }
}
