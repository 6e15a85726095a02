package mews.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import mews.model.HealthCheck;
import org.jspecify.annotations.Nullable;

/// Asks one runner whether it is well: before it counts as ready, regularly, when its app asks for
/// it, and when it gave a suspicious answer. protocol: platform 4, 5
final class HealthWatch implements AutoCloseable {
    static final Duration INTERVAL = Duration.ofSeconds(15);
    private static final Duration BETWEEN_FIRST_TRIES = Duration.ofMillis(500);
    private static final Duration LISTENS_WITHIN = Duration.ofSeconds(2);
    private static final Duration HANGS_UP_WITHIN = Duration.ofMillis(200);
    private static final int TRIES = 3;

    private enum Ask {
        CHECK,
        SUSPECT,
        END
    }

    private final Path socket;
    private final @Nullable HealthCheck check;
    private final Instant countsFrom;
    private final Consumer<Event> events;
    private final BooleanSupplier busy;
    private final InstantSource clock;
    private final Duration interval;
    private final LinkedBlockingQueue<Ask> asks = new LinkedBlockingQueue<>();
    private volatile boolean closed;

    /// @param check null if the app has none
    /// @param createdAt of the runner; failures count from its start period on
    /// @param events hears `Well` once, perhaps after `Unwell`, then perhaps `Sick`
    /// @param busy whether requests are on the runner
    HealthWatch(
            Path socket,
            @Nullable HealthCheck check,
            Instant createdAt,
            Consumer<Event> events,
            BooleanSupplier busy,
            InstantSource clock,
            Duration interval) {
        this.socket = socket;
        this.check = check;
        this.countsFrom = check == null ? createdAt : createdAt.plus(check.startPeriod());
        this.events = events;
        this.busy = busy;
        this.clock = clock;
        this.interval = interval;
    }

    void start(String name) {
        Thread.ofVirtual().name("health-" + name).start(this::run);
    }

    /// The app asks for a check now, and one failure is enough.
    void checkNow() {
        asks.add(Ask.CHECK);
    }

    /// The app gave an answer that a broken server may give.
    void suspect() {
        asks.add(Ask.SUSPECT);
    }

    @Override
    public void close() {
        closed = true;
        asks.add(Ask.END);
    }

    private void run() {
        try {
            if (awaitWell()) {
                tell(new Event.Well());
                watch();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @return false if it was closed before
    private boolean awaitWell() throws InterruptedException {
        HealthCheck regular = regular();
        int failures = 0;
        for (String failure; regular != null && (failure = failure(regular)) != null; ) {
            failures = clock.instant().isBefore(countsFrom) ? 0 : failures + 1;
            if (failures == regular.failureThreshold()) {
                tell(new Event.Unwell(failedOften(regular, failures, failure)));
            }
            Ask ask = asks.poll(BETWEEN_FIRST_TRIES.toMillis(), TimeUnit.MILLISECONDS);
            if (ask == Ask.END) {
                return false;
            }
        }
        return true;
    }

    private void watch() throws InterruptedException {
        int failures = 0;
        while (true) {
            Ask ask =
                    regular() == null
                            ? asks.take()
                            : asks.poll(interval.toMillis(), TimeUnit.MILLISECONDS);
            switch (ask) {
                case null -> failures = regularly(failures);
                case CHECK -> once();
                case SUSPECT -> port();
                case END -> {
                    return;
                }
            }
        }
    }

    /// @return consecutive failures that count
    private int regularly(int before) {
        HealthCheck regular = regular();
        if (regular != null && regular.onlyWhenIdle() && busy.getAsBoolean()) {
            return before;
        }
        String failure = regular == null ? null : failure(regular);
        if (regular == null || failure == null || clock.instant().isBefore(countsFrom)) {
            return 0;
        }
        int failures = before + 1;
        if (failures >= regular.failureThreshold()) {
            sick(failedOften(regular, failures, failure));
        }
        return failures;
    }

    private static String failedOften(HealthCheck check, int failures, String failure) {
        return "health check %s %s failed %d times in a row, the last time: %s"
                .formatted(check.method(), check.path(), failures, failure);
    }

    private void once() {
        if (check == null) {
            port();
            return;
        }
        String failure = failure(check);
        if (failure != null) {
            sick(
                    "the app asked for a health check and %s %s failed: %s"
                            .formatted(check.method(), check.path(), failure));
        }
    }

    private void port() {
        long end = System.nanoTime() + LISTENS_WITHIN.toNanos() * TRIES;
        for (int i = 0; i < TRIES && System.nanoTime() < end; i++) {
            if (UnixHttp.accepts(socket, HANGS_UP_WITHIN)) {
                return;
            }
        }
        sick("its port no longer accepts connections");
    }

    private @Nullable HealthCheck regular() {
        return check != null && check.callRegularly() ? check : null;
    }

    /// @return what went wrong, null if it is well. A status below 500 is well: an app without the
    ///   route is not broken.
    private @Nullable String failure(HealthCheck asked) {
        try {
            int status = UnixHttp.status(socket, asked.method(), asked.path(), asked.timeout());
            return status >= 500 ? "status " + status : null;
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private void sick(String detail) {
        tell(new Event.Sick(detail));
    }

    private void tell(Event event) {
        if (!closed) {
            events.accept(event);
        }
    }
}
