package mews.queue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.base.Home;
import mews.base.Ids;
import mews.base.Seal;
import mews.model.AppName;
import mews.queue.Queue.Lease;
import mews.queue.Queue.NewRequest;
import mews.queue.Queue.Priority;
import mews.queue.Queue.Result;
import mews.queue.Queue.View;
import mews.sql.Database;
import mews.testing.MemoryHistory;
import mews.testing.TestClock;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;

/// A queue on a database of its own, whose server can be "killed" and started again.
final class QueueFixture implements AutoCloseable {
    static final AppName APP = new AppName("ada", "hello");
    static final UUID RUNNER = UUID.fromString("00000000-0000-7000-8000-000000000001");

    final TestClock clock = new TestClock();
    final MemoryHistory history = new MemoryHistory();
    final Database database = TestDatabase.fresh();
    final Path folder = temporary();
    PostgresQueue queue = open();

    PostgresQueue open() {
        return PostgresQueue.open(
                database,
                new Home(folder, folder),
                new Seal(new byte[32]),
                history,
                clock,
                Retention.DEFAULT);
    }

    void restart() {
        queue.close();
        queue = open();
        queue.voidLeases();
    }

    Instant now() {
        return clock.instant();
    }

    NewRequest request() {
        return request(APP, Priority.NORMAL, null, "{}".getBytes(StandardCharsets.UTF_8), true);
    }

    NewRequest request(Priority priority) {
        return request(APP, priority, null, new byte[0], true);
    }

    NewRequest request(
            AppName app,
            Priority priority,
            @Nullable Instant startDeadline,
            byte[] body,
            boolean storePayload) {
        return new NewRequest(
                Ids.next(clock),
                app,
                "POST",
                "/predict?seed=1",
                Map.of("content-type", "application/json"),
                body,
                "ada",
                priority,
                startDeadline,
                false,
                null,
                null,
                null,
                storePayload,
                now());
    }

    NewRequest submitted(NewRequest request) {
        queue.submit(request, null);
        return request;
    }

    Lease leased() {
        return queue.lease(APP, 1, now()).getFirst();
    }

    View view(NewRequest request) {
        return queue.find(request.id()).orElseThrow();
    }

    List<UUID> leaseAll() {
        return queue.lease(APP, 100, now()).stream().map(Lease::id).toList();
    }

    static Result answer(String body) {
        return new Result(
                200,
                Map.of("content-type", List.of("text/plain"), "x-two", List.of("a", "b")),
                body.getBytes(StandardCharsets.UTF_8),
                null,
                null);
    }

    @Override
    public void close() {
        queue.close();
        database.close();
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("mews-queue");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
