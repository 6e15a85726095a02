package mews.fleet;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import mews.base.Ids;
import mews.model.AppName;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.RunnerState;
import mews.model.RunnerTimeline;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.sql.Database;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runners as processes of this machine, each in a sandbox and with a thread of its own that leads
/// it from start to end.
public final class ProcessFleet implements Fleet, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessFleet.class);

    /// What it takes to stop a runner besides its grace period.
    private static final Duration CLEANING = Duration.ofSeconds(15);

    private record Live(Runner runner, Thread thread) {}

    private final Ground ground;
    private final RunnerRows rows;
    private final ForkTrial.Warm warm;
    private final News news = new News();
    private final Map<UUID, Live> live = new ConcurrentHashMap<>();
    private volatile boolean closed;

    private ProcessFleet(Ground ground, RunnerRows rows, ForkTrial.Warm warm) {
        this.ground = ground;
        this.rows = rows;
        this.warm = warm;
    }

    /// Closes the books of an earlier life of this server and removes what it left behind.
    ///
    /// @throws IOException if the runner's files are not where `ground` says, or the state folder
    ///   cannot be written
    public static ProcessFleet open(Ground ground, Database database) throws IOException {
        RunnerRows rows = new RunnerRows(database);
        rows.closeEarlierLife(ground.clock().instant());
        Workplace.sweep(ground.home());
        RunnerSource source = RunnerSource.install(ground.runnerSource(), ground.home().tools());
        WarmParents parents = new WarmParents(ground, source);
        Tolerance tolerance = new Tolerance();
        Berths berths = new Berths(ground, source, parents, tolerance);
        return new ProcessFleet(ground, rows, new ForkTrial.Warm(berths, parents, tolerance));
    }

    @Override
    public UUID start(RunnerOrder order) {
        if (closed) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "this server is stopping and starts no runner");
        }
        UUID id = Ids.next(ground.clock());
        ground.gpus().take(id, order.gpus());
        Runner runner =
                new Runner(id, order, ground.sandbox().isolation(), ground.clock().instant());
        Chronicle chronicle = new Chronicle(runner, rows, news, ground.logs(), ground.history());
        RunnerLife life = new RunnerLife(ground, runner, warm, news, chronicle);
        Thread thread =
                Thread.ofVirtual()
                        .name("runner-" + id)
                        .unstarted(() -> {
                            try {
                                life.run();
                            } finally {
                                ground.gpus().release(id);
                                live.remove(id);
                            }
                        });
        live.put(id, new Live(runner, thread));
        thread.start();
        return id;
    }

    @Override
    public void drain(UUID runner, StopReason reason) {
        with(runner, found -> found.post(new Event.Drain(reason)));
    }

    @Override
    public void kill(UUID runner, StopReason reason) {
        with(runner, found -> found.post(new Event.Kill(reason)));
    }

    @Override
    public RunnerShell shell(UUID runner, RunnerShell.Wish wish) {
        Live found = live.get(runner);
        RunnerProcess process = found == null ? null : found.runner().process();
        if (process == null) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "runner '%s' has no process now; see its state in: runners list"
                            .formatted(runner));
        }
        return process.shell(ground, wish);
    }

    @Override
    public void checkHealth(UUID runner) {
        with(
                runner,
                found -> {
                    HealthWatch health = found.health();
                    if (health != null) {
                        health.checkNow();
                    }
                });
    }

    @Override
    public void suspect(UUID runner) {
        with(
                runner,
                found -> {
                    HealthWatch health = found.health();
                    if (health != null) {
                        health.suspect();
                    }
                });
    }

    @Override
    public List<RunnerView> live() {
        return live.values().stream()
                .map(found -> found.runner().view())
                .filter(view -> !(view.state() instanceof RunnerState.Stopped))
                .toList();
    }

    @Override
    public Optional<RunnerView> find(UUID runner) {
        return Optional.ofNullable(live.get(runner)).map(found -> found.runner().view());
    }

    @Override
    public List<RunnerView> ended(String account, Instant since) {
        return rows.ended(account, since);
    }

    @Override
    public Optional<RunnerTimeline> timeline(UUID runner) {
        return rows.timeline(runner).map(this::withReason);
    }

    @Override
    public List<RunnerTimeline> timelines(AppName app, Instant from, Instant to) {
        return rows.timelines(app, from, to).stream().map(this::withReason).toList();
    }

    /// Why a runner goes is in the table only once it went.
    private RunnerTimeline withReason(RunnerTimeline found) {
        Live present = live.get(found.id());
        StopReason reason = present == null ? null : present.runner().state().leaving();
        return reason == null ? found : found.leaving(reason);
    }

    @Override
    public void inFlight(UUID runner, int requests) {
        with(runner, found -> found.inFlight(requests, ground.clock().instant()));
    }

    @Override
    public void listen(FleetListener listener) {
        news.listen(listener);
    }

    /// Revisions by the runners that live, those that are on their way out included.
    public Map<UUID, Revision> revisions() {
        Map<UUID, Revision> revisions = new HashMap<>();
        live.forEach((id, found) -> revisions.put(id, found.runner().order().revision()));
        return revisions;
    }

    /// Starts no more, drains all, and waits.
    ///
    /// @param patience longest wait for requests in flight; what is left then is for `close`
    public void drainAll(Duration patience) {
        closed = true;
        StopReason reason = StopReason.of(StopReason.Code.SERVER_GONE);
        live.keySet().forEach(runner -> drain(runner, reason));
        awaitEnds(ground.clock().instant().plus(patience));
    }

    /// Ends all runners now, and waits until nothing of them is left.
    @Override
    public void close() {
        closed = true;
        StopReason reason = StopReason.of(StopReason.Code.SERVER_GONE);
        live.keySet().forEach(runner -> kill(runner, reason));
        awaitEnds(ground.clock().instant().plus(CLEANING));
        if (!live.isEmpty()) {
            LOG.warn("runners not gone in time count={}", live.size());
        }
        warm.parents().close();
        news.close();
        rows.close();
    }

    @Override
    public void warm(Revision revision) {
        Thread.ofVirtual().name("warm").start(() -> warm.parents().warm(revision));
    }

    WarmParents parents() {
        return warm.parents();
    }

    private void awaitEnds(Instant end) {
        try {
            for (Live next : live.values()) {
                Duration left = Duration.between(ground.clock().instant(), end);
                next.thread().join(left.isNegative() ? Duration.ZERO : left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void with(UUID runner, Consumer<Runner> act) {
        Live found = live.get(runner);
        if (found != null) {
            act.accept(found.runner());
        }
    }
}
