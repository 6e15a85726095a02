package mews.queue;

import static mews.queue.QueueFixture.APP;
import static mews.queue.QueueFixture.RUNNER;
import static mews.queue.QueueFixture.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.Fact;
import mews.model.Refusal;
import mews.model.RetryCondition;
import mews.queue.Queue.Cancelled;
import mews.queue.Queue.Lease;
import mews.queue.Queue.NewRequest;
import mews.queue.Queue.Priority;
import mews.queue.Queue.Result;
import mews.queue.Queue.State;
import mews.queue.Queue.View;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QueueIT {
    private final QueueFixture fixture = new QueueFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void carriesARequestFromSubmitToItsResult() {
        NewRequest request = submitted(fixture.request());
        assertThat(view(request).state()).isEqualTo(State.IN_QUEUE);

        Lease lease = leased();
        assertThat(lease.request().body()).isEqualTo(request.body());
        assertThat(lease.request().headers()).isEqualTo(request.headers());
        assertThat(lease.attempt()).isEqualTo(1);
        assertThat(view(request).state()).isEqualTo(State.IN_PROGRESS);
        assertThat(queue().result(request.id())).isEmpty();

        Instant end = fixture.clock.advance(Duration.ofMillis(1500));
        assertThat(queue().complete(lease, answer("42"), RUNNER, end)).isTrue();
        assertThat(view(request).state()).isEqualTo(State.COMPLETED);
        assertThat(view(request).runner()).isEqualTo(RUNNER);
        assertThat(view(request).inferenceTime()).isEqualTo(Duration.ofMillis(1500));
        Result result = queue().result(request.id()).orElseThrow();
        assertThat(result.headers()).containsEntry("x-two", List.of("a", "b"));
        assertThat(result.body()).asString().isEqualTo("42");
        assertThat(fixture.history.events(Fact.Subject.REQUEST, request.id().toString()))
                .containsExactly("queued", "leased", "completed");
    }

    @Test
    void servesNormalBeforeLowAndEachInOrder() {
        NewRequest low = submitted(fixture.request(Priority.LOW));
        NewRequest first = submitted(fixture.request(Priority.NORMAL));
        NewRequest second = submitted(fixture.request(Priority.NORMAL));

        assertThat(view(first).position()).isZero();
        assertThat(view(second).position()).isEqualTo(1);
        assertThat(view(low).position()).isEqualTo(2);
        assertThat(leaseAll()).containsExactly(first.id(), second.id(), low.id());
    }

    @Test
    void putsARetriedRequestBackAtTheHeadOnceItsBackoffHasPassed() {
        NewRequest retried = submitted(fixture.request());
        NewRequest other = submitted(fixture.request());
        Lease lease = leased();
        Instant later = fixture.now().plusSeconds(5);

        boolean back =
                queue().retry(
                                lease,
                                RetryCondition.SERVER_ERROR,
                                later,
                                ErrorType.RUNNER_SERVER_ERROR,
                                "503");

        assertThat(back).isTrue();
        assertThat(view(retried).position()).isZero();
        assertThat(queue().leasable(APP, fixture.now())).isEqualTo(1);
        assertThat(leased().id()).isEqualTo(other.id());
        NewRequest third = submitted(fixture.request());
        fixture.clock.advance(Duration.ofSeconds(5));
        Lease again = leased();
        assertThat(again.id()).isEqualTo(retried.id());
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.spent()).isEqualTo(Map.of(RetryCondition.SERVER_ERROR, 1));
        assertThat(leased().id()).isEqualTo(third.id());
    }

    @Test
    void dropsTheResultOfALeaseThatWasTakenBack() {
        submitted(fixture.request());
        Lease old = leased();
        fixture.restart();

        assertThat(queue().complete(old, answer("old"), RUNNER, fixture.now())).isFalse();
        Lease present = leased();
        assertThat(present.attempt()).isEqualTo(1);
        assertThat(queue().complete(old, answer("old"), RUNNER, fixture.now())).isFalse();
        assertThat(queue().complete(present, answer("new"), RUNNER, fixture.now())).isTrue();
        assertThat(queue().complete(present, answer("twice"), RUNNER, fixture.now())).isFalse();
        assertThat(queue().result(present.id()).orElseThrow().body()).asString().isEqualTo("new");
    }

    @Test
    void leavesAttemptsUnchangedWhenALeaseIsReleased() {
        submitted(fixture.request());
        Lease lease = leased();

        assertThat(queue().release(lease)).isTrue();
        assertThat(queue().release(lease)).isFalse();
        assertThat(leased().attempt()).isEqualTo(1);
    }

    @Test
    void cancelsWaitingRequestsAtOnceAndSignalsRunningOnes() {
        List<UUID> signalled = new ArrayList<>();
        queue().onCancel(signalled::add);
        NewRequest running = submitted(fixture.request());
        Lease lease = leased();
        NewRequest waiting = submitted(fixture.request());

        assertThat(queue().cancel(waiting.id(), fixture.now())).isEqualTo(Cancelled.REMOVED);
        assertThat(queue().cancel(waiting.id(), fixture.now()))
                .isEqualTo(Cancelled.ALREADY_COMPLETED);
        assertThat(queue().result(waiting.id()).orElseThrow().status()).isEqualTo(499);
        assertThat(view(waiting).error()).isEqualTo(ErrorType.CLIENT_CANCELLED);
        assertThat(queue().cancel(running.id(), fixture.now())).isEqualTo(Cancelled.SIGNALLED);
        assertThat(signalled).containsExactly(running.id());
        assertThat(queue().cancel(UUID.randomUUID(), fixture.now())).isEqualTo(Cancelled.NOT_FOUND);

        boolean retried =
                queue().retry(
                                lease,
                                RetryCondition.SERVER_ERROR,
                                fixture.now(),
                                ErrorType.RUNNER_SERVER_ERROR,
                                "503");
        assertThat(retried).isTrue();
        assertThat(view(running).error()).isEqualTo(ErrorType.CLIENT_CANCELLED);
        assertThat(leaseAll()).isEmpty();
    }

    @Test
    void endsRequestsWhoseStartDeadlinePassed() {
        Instant deadline = fixture.now().plusSeconds(10);
        NewRequest impatient =
                submitted(fixture.request(APP, Priority.NORMAL, deadline, new byte[0], true));
        NewRequest patient = submitted(fixture.request());

        assertThat(queue().expire(fixture.now())).isZero();
        fixture.clock.advance(Duration.ofSeconds(10));
        assertThat(leaseAll()).containsExactly(patient.id());
        assertThat(queue().expire(fixture.now())).isIn(0, 1);
        assertThat(view(impatient).state()).isEqualTo(State.COMPLETED);
        Result result = queue().result(impatient.id()).orElseThrow();
        assertThat(result.status()).isEqualTo(504);
        assertThat(result.headers()).containsEntry("x-fal-request-timeout-type", List.of("user"));
    }

    @Test
    void flushesWaitingRequestsOfOneAppOnly() {
        AppName other = new AppName("ada", "other");
        submitted(fixture.request());
        Lease running = leased();
        NewRequest waiting = submitted(fixture.request());
        NewRequest elsewhere =
                submitted(fixture.request(other, Priority.NORMAL, null, new byte[0], true));

        assertThat(queue().flush(APP, fixture.now())).isEqualTo(1);
        assertThat(view(waiting).error()).isEqualTo(ErrorType.CLIENT_CANCELLED);
        assertThat(view(elsewhere).state()).isEqualTo(State.IN_QUEUE);
        assertThat(queue().complete(running, answer("x"), RUNNER, fixture.now())).isTrue();
        assertThat(queue().depths(fixture.now())).containsOnlyKeys(other);
    }

    @Test
    void refusesMoreThanTheCallerAllowsToWait() {
        submitted(fixture.request());
        submitted(fixture.request());

        assertThat(queue().submit(fixture.request(), 2)).isEqualTo(2);
        assertThatThrownBy(() -> queue().submit(fixture.request(), 2))
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal.kind()).isEqualTo(Refusal.Kind.EXHAUSTED));
    }

    @Test
    void tellsDemandByAppWithTimes() {
        NewRequest request = submitted(fixture.request());
        fixture.clock.advance(Duration.ofSeconds(1));
        submitted(fixture.request(Priority.LOW));

        Queue.Depth depth = queue().depths(fixture.now()).get(APP);

        assertThat(depth.size()).isEqualTo(2);
        assertThat(depth.waiting())
                .containsExactly(request.submittedAt(), request.submittedAt().plusSeconds(1));
    }

    @Test
    void wakesWhoWatchesARequest() {
        NewRequest request = submitted(fixture.request());
        AtomicInteger wakes = new AtomicInteger();
        try (Queue.Watch watch = queue().watch(request.id(), wakes::incrementAndGet)) {
            assertThat(watch).isNotNull();
            queue().complete(leased(), answer("x"), RUNNER, fixture.now());
        }
        fixture.queue.sweep(fixture.clock.advance(Duration.ofDays(31)));

        assertThat(wakes).hasValue(2);
    }

    private Queue queue() {
        return fixture.queue;
    }

    private NewRequest submitted(NewRequest request) {
        queue().submit(request, null);
        return request;
    }

    private Lease leased() {
        return queue().lease(APP, 1, fixture.now()).getFirst();
    }

    private View view(NewRequest request) {
        return queue().find(request.id()).orElseThrow();
    }

    private List<UUID> leaseAll() {
        return queue().lease(APP, 100, fixture.now()).stream().map(Lease::id).toList();
    }
}
