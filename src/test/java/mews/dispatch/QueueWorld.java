package mews.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import mews.base.Home;
import mews.base.Ids;
import mews.base.Seal;
import mews.dispatch.Event.Hint;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.RetryCondition;
import mews.queue.PostgresQueue;
import mews.queue.Queue;
import mews.queue.Queue.Lease;
import mews.queue.Queue.Result;
import mews.queue.Retention;
import mews.sql.Database;
import mews.testing.CountingHistory;
import mews.testing.TestClock;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;

/// The dispatcher's core over the true queue, with runners that are nothing but names. Knows what
/// should be known of each request, and looks whether it is.
final class QueueWorld implements AutoCloseable {
    static final List<AppName> APPS =
            List.of(new AppName("ada", "app0"), new AppName("ada", "app1"));

    /// What should be known of a request.
    static final class Told {
        final Queue.NewRequest request;
        final Map<RetryCondition, Integer> spent = new EnumMap<>(RetryCondition.class);
        int attempts;
        boolean cancelled;
        Instant notBefore = Instant.MIN;

        Told(Queue.NewRequest request) {
            this.request = request;
        }
    }

    record Running(Lease lease, long slot, UUID runner) {}

    final Random random;
    final TestClock clock = new TestClock();
    final CountingHistory history = new CountingHistory();
    private final Database database = TestDatabase.fresh();
    private final Path folder;
    final Map<UUID, Told> told = new LinkedHashMap<>();
    final Map<UUID, Running> running = new LinkedHashMap<>();
    final Map<UUID, AppName> runners = new LinkedHashMap<>();
    private final Map<AppName, UUID> serving = new HashMap<>();
    final List<Lease> lost = new ArrayList<>();
    DispatchCore core = new DispatchCore();
    PostgresQueue queue;

    private final Map<AppName, List<Lease>> claims = new HashMap<>();

    QueueWorld(Random random) throws Exception {
        this.random = random;
        folder = Files.createTempDirectory("mews-histories");
        queue = open();
    }

    @Override
    public void close() {
        queue.close();
        database.close();
    }

    void submit(Queue.NewRequest request) {
        queue.submit(request, null);
        told.put(request.id(), new Told(request));
    }

    void open(AppName app) {
        if (runners.size() < 10) {
            UUID runner = Ids.next(clock);
            runners.put(runner, app);
            on(new Event.Opened(runner, app, serving.get(app), 1 + random.nextInt(3)));
        }
    }

    void deploy(AppName app) {
        serving.put(app, Ids.next(clock));
        on(new Event.Serving(app, serving.get(app)));
        List<UUID> old =
                runners.keySet().stream().filter(id -> runners.get(id).equals(app)).toList();
        old.forEach(runner -> on(new Event.Closed(runner)));
        open(app);
    }

    void settle(Running run, int status, @Nullable ErrorType error) {
        Lease lease = run.lease;
        Told known = told.get(lease.id());
        known.attempts++;
        RetryPolicy.Ending ending =
                error == null
                        ? RetryPolicy.Ending.answered(status, null)
                        : RetryPolicy.Ending.failed(error);
        RetryPolicy.Rules rules =
                new RetryPolicy.Rules(
                        lease.request().noRetry(), lease.request().retries(), List.of(), Map.of());
        RetryPolicy.Verdict verdict =
                RetryPolicy.decide(ending, rules, lease.attempt(), lease.spent());
        free(run);
        if (verdict.retry()) {
            assertThat(known.attempts).isLessThan(RetryPolicy.MOST_ATTEMPTS);
            known.spent.merge(verdict.condition(), 1, Integer::sum);
            known.notBefore =
                    clock.instant().plus(RetryPolicy.backoff(lease.attempt(), random.nextDouble()));
            ErrorType why = error == null ? ErrorType.RUNNER_SERVER_ERROR : error;
            assertThat(queue.retry(lease, verdict.condition(), known.notBefore, why, "")).isTrue();
        } else {
            assertThat(complete(lease, status == 0 ? 504 : status)).isTrue();
        }
    }

    boolean complete(Lease lease, int status) {
        Result result = new Result(status, Map.of(), new byte[0], null, null);
        return queue.complete(lease, result, null, clock.instant());
    }

    void release(Running run) {
        free(run);
        assertThat(queue.release(run.lease)).isTrue();
    }

    private void free(Running run) {
        running.remove(run.lease.id());
        lost.add(run.lease);
        on(new Event.Freed(run.slot));
    }

    /// Half of them go on account of the platform, which costs their requests nothing.
    void dies(UUID runner) {
        boolean byPlatform = random.nextBoolean();
        on(new Event.Closed(runner));
        for (Running run : List.copyOf(running.values())) {
            if (run.runner.equals(runner)) {
                if (byPlatform) {
                    release(run);
                } else {
                    settle(run, 0, ErrorType.RUNNER_DISCONNECTED);
                }
            }
        }
        runners.remove(runner);
        on(new Event.Gone(runner));
    }

    void cancel(UUID request) {
        switch (queue.cancel(request, clock.instant())) {
            case REMOVED -> {
                assertThat(running).doesNotContainKey(request);
                told.get(request).cancelled = true;
            }
            case SIGNALLED -> {
                assertThat(running).containsKey(request);
                told.get(request).cancelled = true;
            }
            case ALREADY_COMPLETED -> assertThat(running).doesNotContainKey(request);
            case NOT_FOUND -> throw new AssertionError("it was accepted: " + request);
        }
    }

    /// The server dies with all its runners; what ran waits again, attempts unchanged.
    void crash() {
        running.values().forEach(run -> lost.add(run.lease));
        running.clear();
        runners.clear();
        queue.close();
        queue = open();
        queue.voidLeases();
        core = new DispatchCore();
        serving.forEach((app, revision) -> on(new Event.Serving(app, revision)));
    }

    private PostgresQueue open() {
        return PostgresQueue.open(
                database,
                new Home(folder, folder),
                new Seal(new byte[32]),
                history,
                clock,
                Retention.DEFAULT);
    }

    void pass(Duration time) {
        queue.expire(clock.advance(time));
    }

    void work() {
        for (AppName app : APPS) {
            on(new Event.Work(app, queue.leasable(app, clock.instant())));
        }
    }

    private void on(Event first) {
        Deque<Event> events = new ArrayDeque<>(List.of(first));
        while (!events.isEmpty()) {
            List<Lease> leases = List.of();
            Event event = events.remove();
            for (Action action : core.on(event)) {
                if (action instanceof Action.Claim(AppName app, int most)) {
                    leases = queue.lease(app, most, clock.instant());
                    events.add(claimed(app, leases));
                    claims.put(app, leases);
                } else if (action instanceof Action.Run(AppName app, int i, long slot, UUID id)) {
                    begins(claims.get(app).get(i), slot, id);
                } else if (action instanceof Action.GiveBack(AppName app, int i)) {
                    assertThat(queue.release(claims.get(app).get(i))).isTrue();
                }
            }
        }
    }

    private Event claimed(AppName app, List<Lease> leases) {
        List<Hint> hints = leases.stream().map(lease -> new Hint(null)).toList();
        return new Event.Claimed(app, hints, queue.leasable(app, clock.instant()));
    }

    private void begins(Lease lease, long slot, UUID runner) {
        Told known = told.get(lease.id());
        assertThat(running).doesNotContainKey(lease.id());
        assertThat(lease.attempt()).isEqualTo(known.attempts + 1);
        assertThat(lease.spent()).isEqualTo(known.spent);
        assertThat(known.notBefore).isBeforeOrEqualTo(clock.instant());
        assertThat(known.cancelled).isFalse();
        assertThat(runners.get(runner)).isEqualTo(lease.request().app());
        running.put(lease.id(), new Running(lease, slot, runner));
    }

    int waiting() {
        return queue.depths(clock.instant()).values().stream().mapToInt(Queue.Depth::size).sum();
    }
}
