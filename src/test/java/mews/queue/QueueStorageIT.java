package mews.queue;

import static mews.queue.QueueFixture.APP;
import static mews.queue.QueueFixture.RUNNER;
import static mews.queue.QueueFixture.answer;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import mews.model.ErrorType;
import mews.queue.Queue.Lease;
import mews.queue.Queue.NewRequest;
import mews.queue.Queue.Priority;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the queue keeps on disk and what it forgets.
class QueueStorageIT {
    private final QueueFixture fixture = new QueueFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void keepsLargeBodiesAndResultsInFilesAndForgetsThemWithTheRequest() throws Exception {
        byte[] large = "x".repeat(Overflow.MOST_IN_ROW + 1).getBytes(StandardCharsets.UTF_8);
        fixture.submitted(fixture.request(APP, Priority.NORMAL, null, large, true));
        Lease lease = fixture.leased();
        assertThat(lease.request().body()).isEqualTo(large);
        assertThat(
                        fixture.queue.complete(
                                lease,
                                answer(new String(large, StandardCharsets.UTF_8)),
                                RUNNER,
                                fixture.now()))
                .isTrue();
        assertThat(fixture.queue.result(lease.id()).orElseThrow().body()).isEqualTo(large);
        assertThat(files()).isEqualTo(2);

        fixture.restart();
        assertThat(files()).isEqualTo(2);
        fixture.clock.advance(Duration.ofDays(31));
        assertThat(fixture.queue.sweep(fixture.now())).isEqualTo(1);
        assertThat(files()).isZero();
        assertThat(fixture.queue.find(lease.id())).isEmpty();
    }

    @Test
    void endsARequestWhoseBodyIsLostAndServesTheNext() throws Exception {
        byte[] large = new byte[Overflow.MOST_IN_ROW + 1];
        NewRequest lost =
                fixture.submitted(fixture.request(APP, Priority.NORMAL, null, large, true));
        NewRequest next = fixture.submitted(fixture.request());
        try (var files = Files.walk(fixture.folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }

        assertThat(fixture.leaseAll()).containsExactly(next.id());
        assertThat(fixture.view(lost).error()).isEqualTo(ErrorType.INTERNAL_ERROR);
    }

    @Test
    void forgetsInputsThatMayNotBeStoredAndTheirResultsSoon() {
        NewRequest request =
                fixture.submitted(
                        fixture.request(APP, Priority.NORMAL, null, new byte[] {1}, false));
        fixture.queue.complete(fixture.leased(), answer("x".repeat(20_000)), RUNNER, fixture.now());

        assertThat(bodies(request.id())).containsExactly(true);
        fixture.clock.advance(Duration.ofMinutes(6));
        assertThat(fixture.queue.sweep(fixture.now())).isEqualTo(1);
    }

    @Test
    void hasTheSameLinesAfterARestart() {
        fixture.submitted(fixture.request());
        NewRequest waiting = fixture.submitted(fixture.request());
        NewRequest low = fixture.submitted(fixture.request(Priority.LOW));
        Lease lease = fixture.leased();
        fixture.queue.cancel(lease.id(), fixture.now());
        NewRequest last = fixture.submitted(fixture.request());

        fixture.restart();

        assertThat(fixture.view(lease.request()).error()).isEqualTo(ErrorType.CLIENT_CANCELLED);
        assertThat(fixture.leaseAll()).containsExactly(waiting.id(), last.id(), low.id());
    }

    @Test
    void storesEachOfAThousandResultsOnceWhileManyWork() throws Exception {
        int count = 1000;
        Set<UUID> done = ConcurrentHashMap.newKeySet();
        AtomicInteger twice = new AtomicInteger();
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                workers.submit(() -> {
                    for (int j = 0; j < count / 20; j++) {
                        fixture.submitted(fixture.request());
                    }
                });
            }
            for (int i = 0; i < 8; i++) {
                workers.submit(() -> {
                    while (done.size() < count) {
                        for (Lease lease : fixture.queue.lease(APP, 5, fixture.now())) {
                            boolean first =
                                    fixture.queue.complete(
                                            lease, answer("x"), RUNNER, fixture.now());
                            boolean second =
                                    fixture.queue.complete(
                                            lease, answer("y"), RUNNER, fixture.now());
                            twice.addAndGet(first == second ? 1 : 0);
                            done.add(lease.id());
                        }
                    }
                });
            }
        }

        assertThat(twice).hasValue(0);
        assertThat(done).hasSize(count);
        assertThat(fixture.queue.depths(fixture.now())).isEmpty();
    }

    private long files() throws Exception {
        try (var files = Files.walk(fixture.folder)) {
            return files.filter(Files::isRegularFile).count();
        }
    }

    private List<Boolean> bodies(UUID id) {
        return fixture.database.list(
                "select body is null as gone from request where id = ?",
                (row, context) -> row.getBoolean("gone"),
                id);
    }
}
