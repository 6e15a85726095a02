package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mews.model.HealthCheck;
import mews.testing.FakeRunner;
import mews.testing.TestClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each field of a health check. protocol: platform 5
class HealthFieldsTest {
    private static final Duration OFTEN = Duration.ofMillis(5);
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir Path folder;

    private final TestClock clock = new TestClock();
    private final AtomicInteger status = new AtomicInteger(200);
    private final CountDownLatch answer = new CountDownLatch(1);
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile boolean slow;
    private @Nullable FakeRunner app;
    private @Nullable HealthWatch watch;

    @AfterEach
    void close() throws IOException {
        answer.countDown();
        if (watch != null) {
            watch.close();
        }
        if (app != null) {
            app.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void methodAndPath(String method) throws Exception {
        FakeRunner runner = start(new HealthCheck("/is/it", method, none(), LONG, 3, true, false));
        next();

        assertThat(runner.requests().getFirst().method()).isEqualTo(method);
        assertThat(runner.requests().getFirst().path()).isEqualTo("/is/it");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void failureThreshold(int threshold) throws Exception {
        FakeRunner runner =
                start(new HealthCheck("/", "POST", none(), LONG, threshold, true, false));
        next();
        int before = runner.requests().size();

        status.set(500);

        assertThat(next())
                .isInstanceOfSatisfying(
                        Event.Sick.class,
                        sick ->
                                assertThat(sick.detail())
                                        .contains("failed %d times in a row".formatted(threshold)));
        assertThat(runner.requests().size() - before).isGreaterThanOrEqualTo(threshold);
    }

    @Test
    void timeoutSeconds() throws Exception {
        start(new HealthCheck("/", "POST", none(), Duration.ofMillis(100), 1, true, false));
        next();

        slow = true;

        assertThat(next()).isInstanceOf(Event.Sick.class);
    }

    @Test
    void callRegularly() throws Exception {
        FakeRunner runner = start(new HealthCheck("/", "POST", none(), LONG, 1, false, false));
        assertThat(next()).isEqualTo(new Event.Well());
        status.set(500);

        java.util.Objects.requireNonNull(watch).checkNow();

        assertThat(next()).isInstanceOf(Event.Sick.class);
        assertThat(runner.requests()).hasSize(1);
        assertThat(HealthWatch.INTERVAL).isEqualTo(Duration.ofSeconds(15));
    }

    private static Duration none() {
        return Duration.ZERO;
    }

    private FakeRunner start(HealthCheck check) throws IOException {
        FakeRunner runner =
                FakeRunner.start(
                        folder.resolve("s"),
                        request -> {
                            if (slow) {
                                await();
                            }
                            return FakeRunner.Answer.of(status.get(), "{}");
                        });
        app = runner;
        HealthWatch started =
                new HealthWatch(
                        runner.socket(),
                        check,
                        clock.instant(),
                        events::add,
                        () -> false,
                        clock,
                        OFTEN);
        watch = started;
        started.start("test");
        return runner;
    }

    private void await() {
        try {
            answer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Event next() throws InterruptedException {
        return java.util.Objects.requireNonNull(events.poll(20, TimeUnit.SECONDS));
    }
}
