package mews.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import mews.base.Ids;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.RetryCondition;
import mews.queue.Queue;
import mews.queue.Queue.Priority;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Random submits, answers, crashes of runners and of the server, timeouts, cancels and deploys:
/// the dispatcher's core over the true queue. Each request ends once, attempts are counted right,
/// and nothing is left waiting.
class QueueHistoriesIT {
    private static final int EVENTS = Boolean.getBoolean("mews.long") ? 100_000 : 10_000;
    private static final List<AppName> APPS = QueueWorld.APPS;

    private final long seed = Long.getLong("mews.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final QueueWorld world;

    QueueHistoriesIT() throws Exception {
        world = new QueueWorld(random);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void everyHistoryEndsEachRequestOnce() {
        System.out.println("queue histories with seed " + seed + " (-Dmews.seed)");
        APPS.forEach(world::deploy);
        for (int i = 0; i < EVENTS; i++) {
            step(APPS.get(random.nextInt(APPS.size())));
            assertThat(world.core.slotsInUse()).isEqualTo(world.running.size());
        }
        finish();
        assertThat(world.told).hasSizeGreaterThan(EVENTS / 5);
        world.told.values().forEach(this::ended);
        assertThat(world.core.slotsInUse()).isZero();
    }

    private void step(AppName app) {
        int pick = random.nextInt(1000);
        if (pick < 330) {
            submit(app);
        } else if (pick < 700) {
            any(world.running.values()).ifPresent(this::answer);
        } else if (pick < 760) {
            world.open(app);
        } else if (pick < 800) {
            any(world.runners.keySet()).ifPresent(world::dies);
        } else if (pick < 840) {
            any(world.told.keySet()).ifPresent(world::cancel);
        } else if (pick < 850) {
            world.deploy(app);
        } else if (pick < 852) {
            world.crash();
        } else if (pick < 870) {
            any(world.lost).ifPresent(lease -> assertThat(world.complete(lease, 200)).isFalse());
        } else {
            world.pass(Duration.ofMillis(random.nextInt(2000)));
        }
        world.work();
    }

    private <T> Optional<T> any(Collection<T> all) {
        return all.stream().skip(all.isEmpty() ? 0 : random.nextInt(all.size())).findFirst();
    }

    private void submit(AppName app) {
        world.clock.advance(Duration.ofMillis(1));
        Instant now = world.clock.instant();
        Queue.NewRequest request =
                new Queue.NewRequest(
                        Ids.next(world.clock),
                        app,
                        "POST",
                        "/",
                        Map.of(),
                        new byte[random.nextInt(100)],
                        "ada",
                        random.nextInt(4) == 0 ? Priority.LOW : Priority.NORMAL,
                        random.nextInt(5) == 0 ? now.plusMillis(random.nextInt(5000)) : null,
                        random.nextInt(10) == 0,
                        retries(),
                        null,
                        null,
                        true,
                        now);
        world.submit(request);
    }

    private @Nullable Map<RetryCondition, Integer> retries() {
        return random.nextBoolean() ? null : Map.of(RetryCondition.TIMEOUT, random.nextInt(3));
    }

    private void answer(QueueWorld.Running run) {
        switch (random.nextInt(10)) {
            case 0 -> world.settle(run, 503, null);
            case 1 -> world.settle(run, 500, null);
            case 2 -> world.settle(run, 0, ErrorType.REQUEST_TIMEOUT);
            case 3 -> world.settle(run, 0, ErrorType.RUNNER_CONNECTION_ERROR);
            case 4 -> world.release(run);
            default -> world.settle(run, 200, null);
        }
    }

    /// New runners for all, time enough, and only good answers. Those that are there go first: all
    /// that there is room for may serve one app, or revisions of old.
    private void finish() {
        List.copyOf(world.runners.keySet()).forEach(world::dies);
        for (int round = 0;
                round < 100_000 && !(world.running.isEmpty() && world.waiting() == 0);
                round++) {
            APPS.forEach(world::open);
            List.copyOf(world.running.values()).forEach(run -> world.settle(run, 200, null));
            world.pass(Duration.ofSeconds(1));
            world.work();
        }
        assertThat(world.waiting()).as("requests that nobody ever took").isZero();
    }

    private void ended(QueueWorld.Told known) {
        UUID id = known.request.id();
        Queue.View view = world.queue.find(id).orElseThrow();
        assertThat(view.state()).isEqualTo(Queue.State.COMPLETED);
        // One that was cancelled while it ran keeps the attempt that it was in.
        int more = known.cancelled ? 1 : 0;
        assertThat(view.attempts())
                .as("attempts of %s", view)
                .isBetween(known.attempts, known.attempts + more);
        assertThat(world.history.endings(id)).as("endings of %s", view).isEqualTo(1);
    }
}
