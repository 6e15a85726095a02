package mews.queue;

import static mews.queue.QueueFixture.APP;
import static mews.queue.QueueFixture.RUNNER;
import static mews.queue.QueueFixture.answer;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import mews.model.ErrorType;
import mews.model.RetryCondition;
import mews.queue.Queue.Cancelled;
import mews.queue.Queue.Lease;
import mews.queue.Queue.NewRequest;
import mews.queue.Queue.Priority;
import mews.queue.Queue.State;
import mews.queue.Queue.View;
import org.junit.jupiter.api.Test;

/// Random histories of a queue, kills of its server among them, held against a simple model: each
/// request ends once, only by the lease that holds, and the line is always in order.
class QueueStatesIT {
    private static final int STEPS = Boolean.getBoolean("mews.long") ? 20_000 : 1500;

    private static final class Expected {
        final NewRequest request;
        final int order;
        State state = State.IN_QUEUE;
        int attempts;
        Instant notBefore;
        boolean cancelRequested;
        int results;

        Expected(NewRequest request, int order) {
            this.request = request;
            this.order = order;
            this.notBefore = request.submittedAt();
        }
    }

    private final QueueFixture fixture = new QueueFixture();
    private final Random random = new Random(20260301);
    private final Map<UUID, Expected> model = new LinkedHashMap<>();
    private final List<Lease> everLeased = new ArrayList<>();
    private final Map<UUID, Lease> holding = new LinkedHashMap<>();

    @Test
    void everyHistoryKeepsTheRules() {
        try (fixture) {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
            finishAll();
            assertThat(model.values()).allMatch(each -> each.state == State.COMPLETED);
            model.keySet().forEach(id -> assertThat(fixture.queue.result(id)).isPresent());
        }
    }

    private void step() {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> submit();
            case 3, 4, 5 -> lease(1 + random.nextInt(3));
            case 6 -> complete();
            case 7 -> staleComplete();
            case 8 -> retryOrRelease();
            case 9 -> cancel();
            case 10 -> fixture.clock.advance(Duration.ofMillis(random.nextInt(3000)));
            default -> {
                if (random.nextInt(10) == 0) {
                    restart();
                }
            }
        }
    }

    private void submit() {
        NewRequest request =
                fixture.request(random.nextInt(4) == 0 ? Priority.LOW : Priority.NORMAL);
        model.put(request.id(), new Expected(request, model.size()));
        fixture.queue.submit(request, null);
    }

    private void lease(int most) {
        List<Expected> line = line();
        List<UUID> next =
                line.stream()
                        .filter(each -> !each.notBefore.isAfter(fixture.now()))
                        .limit(most)
                        .map(each -> each.request.id())
                        .toList();

        List<Lease> leases = fixture.queue.lease(APP, most, fixture.now());

        assertThat(leases.stream().map(Lease::id)).containsExactlyElementsOf(next);
        for (Lease lease : leases) {
            Expected each = expected(lease);
            each.state = State.IN_PROGRESS;
            assertThat(lease.attempt()).isEqualTo(++each.attempts);
            holding.put(lease.id(), lease);
            everLeased.add(lease);
        }
    }

    private void complete() {
        Lease lease = anyHeld();
        if (lease != null) {
            assertThat(fixture.queue.complete(lease, answer("x"), RUNNER, fixture.now())).isTrue();
            ended(lease);
        }
    }

    private void staleComplete() {
        if (!everLeased.isEmpty()) {
            Lease lease = everLeased.get(random.nextInt(everLeased.size()));
            boolean held = lease.equals(holding.get(lease.id()));
            assertThat(fixture.queue.complete(lease, answer("y"), RUNNER, fixture.now()))
                    .isEqualTo(held);
            if (held) {
                ended(lease);
            }
        }
    }

    private void retryOrRelease() {
        Lease lease = anyHeld();
        if (lease == null) {
            return;
        }
        Expected each = expected(lease);
        boolean retry = random.nextBoolean();
        Instant later = fixture.now().plusMillis(random.nextInt(4000));
        boolean done =
                retry
                        ? fixture.queue.retry(
                                lease,
                                RetryCondition.TIMEOUT,
                                later,
                                ErrorType.REQUEST_TIMEOUT,
                                "slow")
                        : fixture.queue.release(lease);
        assertThat(done).isTrue();
        if (each.cancelRequested) {
            ended(lease);
            return;
        }
        holding.remove(lease.id());
        each.state = State.IN_QUEUE;
        each.notBefore = retry ? later : each.request.submittedAt();
        each.attempts -= retry ? 0 : 1;
    }

    private void cancel() {
        if (model.isEmpty()) {
            return;
        }
        List<Expected> all = List.copyOf(model.values());
        Expected each = all.get(all.size() - 1 - random.nextInt(Math.min(all.size(), 20)));
        Cancelled wanted =
                switch (each.state) {
                    case IN_QUEUE -> Cancelled.REMOVED;
                    case IN_PROGRESS -> Cancelled.SIGNALLED;
                    case COMPLETED -> Cancelled.ALREADY_COMPLETED;
                };
        assertThat(fixture.queue.cancel(each.request.id(), fixture.now())).isEqualTo(wanted);
        each.cancelRequested = true;
        if (each.state == State.IN_QUEUE) {
            each.state = State.COMPLETED;
            each.results++;
        }
    }

    private void restart() {
        fixture.restart();
        for (Lease lease : List.copyOf(holding.values())) {
            Expected each = expected(lease);
            holding.remove(lease.id());
            each.attempts--;
            each.notBefore = each.request.submittedAt();
            each.state = State.IN_QUEUE;
            if (each.cancelRequested) {
                each.attempts++;
                each.state = State.COMPLETED;
                each.results++;
            }
        }
    }

    private void finishAll() {
        fixture.clock.advance(Duration.ofMinutes(1));
        while (!line().isEmpty()) {
            lease(3);
        }
        while (!holding.isEmpty()) {
            complete();
        }
    }

    private void check() {
        List<Expected> line = line();
        assertThat(fixture.queue.depths(fixture.now()).containsKey(APP)).isEqualTo(!line.isEmpty());
        if (!line.isEmpty()) {
            int place = random.nextInt(line.size());
            View view = view(line.get(place));
            assertThat(view.position()).isEqualTo(place);
        }
        if (!model.isEmpty()) {
            List<Expected> all = List.copyOf(model.values());
            Expected each = all.get(random.nextInt(all.size()));
            assertThat(view(each).state()).isEqualTo(each.state);
            assertThat(view(each).attempts()).isEqualTo(each.attempts);
            assertThat(each.results).isEqualTo(each.state == State.COMPLETED ? 1 : 0);
        }
    }

    private View view(Expected each) {
        return fixture.queue.find(each.request.id()).orElseThrow();
    }

    private List<Expected> line() {
        return model.values().stream()
                .filter(each -> each.state == State.IN_QUEUE)
                .sorted(
                        Comparator.comparing((Expected each) -> each.request.priority())
                                .thenComparing(each -> each.order))
                .toList();
    }

    private Lease anyHeld() {
        List<Lease> held = List.copyOf(holding.values());
        return held.isEmpty() ? null : held.get(random.nextInt(held.size()));
    }

    private void ended(Lease lease) {
        holding.remove(lease.id());
        Expected each = expected(lease);
        each.state = State.COMPLETED;
        each.results++;
    }

    private Expected expected(Lease lease) {
        return model.get(lease.id());
    }
}
