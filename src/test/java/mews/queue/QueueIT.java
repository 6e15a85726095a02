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
        NewRequest request = fixture.submitted(fixture.request());
        assertThat(fixture.view(request).state()).isEqualTo(State.IN_QUEUE);

        Lease lease = fixture.leased();
        assertThat(lease.request().body()).isEqualTo(request.body());
        assertThat(lease.request().headers()).isEqualTo(request.headers());
        assertThat(lease.attempt()).isEqualTo(1);
        assertThat(fixture.view(request).state()).isEqualTo(State.IN_PROGRESS);
        assertThat(fixture.queue.result(request.id())).isEmpty();

        Instant end = fixture.clock.advance(Duration.ofMillis(1500));
        assertThat(fixture.queue.complete(lease, answer("42"), RUNNER, end)).isTrue();
        assertThat(fixture.view(request).state()).isEqualTo(State.COMPLETED);
        assertThat(fixture.view(request).runner()).isEqualTo(RUNNER);
        assertThat(fixture.view(request).inferenceTime()).isEqualTo(Duration.ofMillis(1500));
        Result result = fixture.queue.result(request.id()).orElseThrow();
        assertThat(result.headers()).containsEntry("x-two", List.of("a", "b"));
        assertThat(result.body()).asString().isEqualTo("42");
        assertThat(fixture.history.events(Fact.Subject.REQUEST, request.id().toString()))
                .containsExactly("queued", "leased", "completed");
    }

    @Test
    void servesNormalBeforeLowAndEachInOrder() {
        NewRequest low = fixture.submitted(fixture.request(Priority.LOW));
        NewRequest first = fixture.submitted(fixture.request(Priority.NORMAL));
        NewRequest second = fixture.submitted(fixture.request(Priority.NORMAL));

        assertThat(fixture.view(first).position()).isZero();
        assertThat(fixture.view(second).position()).isEqualTo(1);
        assertThat(fixture.view(low).position()).isEqualTo(2);
        assertThat(fixture.leaseAll()).containsExactly(first.id(), second.id(), low.id());
    }

    @Test
    void putsARetriedRequestBackAtTheHeadOnceItsBackoffHasPassed() {
        NewRequest retried = fixture.submitted(fixture.request());
        NewRequest other = fixture.submitted(fixture.request());
        Lease lease = fixture.leased();
        Instant later = fixture.now().plusSeconds(5);

        boolean back =
                fixture.queue.retry(
                        lease,
                        RetryCondition.SERVER_ERROR,
                        later,
                        ErrorType.RUNNER_SERVER_ERROR,
                        "503");

        assertThat(back).isTrue();
        assertThat(fixture.view(retried).position()).isZero();
        assertThat(fixture.queue.leasable(APP, fixture.now())).isEqualTo(1);
        assertThat(fixture.leased().id()).isEqualTo(other.id());
        NewRequest third = fixture.submitted(fixture.request());
        fixture.clock.advance(Duration.ofSeconds(5));
        Lease again = fixture.leased();
        assertThat(again.id()).isEqualTo(retried.id());
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.spent()).isEqualTo(Map.of(RetryCondition.SERVER_ERROR, 1));
        assertThat(fixture.leased().id()).isEqualTo(third.id());
    }

    @Test
    void dropsTheResultOfALeaseThatWasTakenBack() {
        fixture.submitted(fixture.request());
        Lease old = fixture.leased();
        fixture.restart();

        assertThat(fixture.queue.complete(old, answer("old"), RUNNER, fixture.now())).isFalse();
        Lease present = fixture.leased();
        assertThat(present.attempt()).isEqualTo(1);
        assertThat(fixture.queue.complete(old, answer("old"), RUNNER, fixture.now())).isFalse();
        assertThat(fixture.queue.complete(present, answer("new"), RUNNER, fixture.now())).isTrue();
        assertThat(fixture.queue.complete(present, answer("twice"), RUNNER, fixture.now()))
                .isFalse();
        assertThat(fixture.queue.result(present.id()).orElseThrow().body())
                .asString()
                .isEqualTo("new");
    }

    @Test
    void leavesAttemptsUnchangedWhenALeaseIsReleased() {
        fixture.submitted(fixture.request());
        Lease lease = fixture.leased();

        assertThat(fixture.queue.release(lease)).isTrue();
        assertThat(fixture.queue.release(lease)).isFalse();
        assertThat(fixture.leased().attempt()).isEqualTo(1);
    }

    @Test
    void cancelsWaitingRequestsAtOnceAndSignalsRunningOnes() {
        List<UUID> signalled = new ArrayList<>();
        fixture.queue.onCancel(signalled::add);
        NewRequest running = fixture.submitted(fixture.request());
        Lease lease = fixture.leased();
        NewRequest waiting = fixture.submitted(fixture.request());

        assertThat(fixture.queue.cancel(waiting.id(), fixture.now())).isEqualTo(Cancelled.REMOVED);
        assertThat(fixture.queue.cancel(waiting.id(), fixture.now()))
                .isEqualTo(Cancelled.ALREADY_COMPLETED);
        assertThat(fixture.queue.result(waiting.id()).orElseThrow().status()).isEqualTo(499);
        assertThat(fixture.view(waiting).error()).isEqualTo(ErrorType.CLIENT_CANCELLED);
        assertThat(fixture.queue.cancel(running.id(), fixture.now()))
                .isEqualTo(Cancelled.SIGNALLED);
        assertThat(signalled).containsExactly(running.id());
        assertThat(fixture.queue.cancel(UUID.randomUUID(), fixture.now()))
                .isEqualTo(Cancelled.NOT_FOUND);

        boolean retried =
                fixture.queue.retry(
                        lease,
                        RetryCondition.SERVER_ERROR,
                        fixture.now(),
                        ErrorType.RUNNER_SERVER_ERROR,
                        "503");
        assertThat(retried).isTrue();
        assertThat(fixture.view(running).error()).isEqualTo(ErrorType.CLIENT_CANCELLED);
        assertThat(fixture.leaseAll()).isEmpty();
    }

    @Test
    void endsRequestsWhoseStartDeadlinePassed() {
        Instant deadline = fixture.now().plusSeconds(10);
        NewRequest impatient =
                fixture.submitted(
                        fixture.request(APP, Priority.NORMAL, deadline, new byte[0], true));
        NewRequest patient = fixture.submitted(fixture.request());

        assertThat(fixture.queue.expire(fixture.now())).isZero();
        fixture.clock.advance(Duration.ofSeconds(10));
        assertThat(fixture.leaseAll()).containsExactly(patient.id());
        assertThat(fixture.queue.expire(fixture.now())).isIn(0, 1);
        assertThat(fixture.view(impatient).state()).isEqualTo(State.COMPLETED);
        Result result = fixture.queue.result(impatient.id()).orElseThrow();
        assertThat(result.status()).isEqualTo(504);
        assertThat(result.headers()).containsEntry("x-fal-request-timeout-type", List.of("user"));
    }

    @Test
    void flushesWaitingRequestsOfOneAppOnly() {
        AppName other = new AppName("ada", "other");
        fixture.submitted(fixture.request());
        Lease running = fixture.leased();
        NewRequest waiting = fixture.submitted(fixture.request());
        NewRequest elsewhere =
                fixture.submitted(fixture.request(other, Priority.NORMAL, null, new byte[0], true));

        assertThat(fixture.queue.flush(APP, fixture.now())).isEqualTo(1);
        assertThat(fixture.view(waiting).error()).isEqualTo(ErrorType.CLIENT_CANCELLED);
        assertThat(fixture.view(elsewhere).state()).isEqualTo(State.IN_QUEUE);
        assertThat(fixture.queue.complete(running, answer("x"), RUNNER, fixture.now())).isTrue();
        assertThat(fixture.queue.depths(fixture.now())).containsOnlyKeys(other);
    }

    @Test
    void refusesMoreThanTheCallerAllowsToWait() {
        fixture.submitted(fixture.request());
        fixture.submitted(fixture.request());

        assertThat(fixture.queue.submit(fixture.request(), 2)).isEqualTo(2);
        assertThatThrownBy(() -> fixture.queue.submit(fixture.request(), 2))
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal.kind()).isEqualTo(Refusal.Kind.EXHAUSTED));
    }

    @Test
    void tellsDemandByAppWithTimes() {
        NewRequest request = fixture.submitted(fixture.request());
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.submitted(fixture.request(Priority.LOW));

        Queue.Depth depth = fixture.queue.depths(fixture.now()).get(APP);

        assertThat(depth.size()).isEqualTo(2);
        assertThat(depth.waiting())
                .containsExactly(request.submittedAt(), request.submittedAt().plusSeconds(1));
    }

    @Test
    void wakesWhoWatchesARequest() {
        NewRequest request = fixture.submitted(fixture.request());
        AtomicInteger wakes = new AtomicInteger();
        try (Queue.Watch watch = fixture.queue.watch(request.id(), wakes::incrementAndGet)) {
            assertThat(watch).isNotNull();
            fixture.queue.complete(fixture.leased(), answer("x"), RUNNER, fixture.now());
        }
        fixture.queue.sweep(fixture.clock.advance(Duration.ofDays(31)));

        assertThat(wakes).hasValue(2);
    }
}
