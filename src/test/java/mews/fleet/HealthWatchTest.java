package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import mews.model.HealthCheck;
import mews.testing.FakeRunner;
import mews.testing.TestClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthWatchTest {
    private static final Duration OFTEN = Duration.ofMillis(5);

    @TempDir Path folder;

    private final TestClock clock = new TestClock();
    private final Instant created = clock.instant();
    private final AtomicInteger status = new AtomicInteger(200);
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private @Nullable FakeRunner app;
    private @Nullable HealthWatch watch;

    @AfterEach
    void close() throws IOException {
        if (watch != null) {
            watch.close();
        }
        if (app != null) {
            app.close();
        }
    }

    @Test
    void anAppWithoutACheckIsWellAtOnce() throws Exception {
        start(null, OFTEN);

        assertThat(next()).isEqualTo(new Event.Well());
    }

    @Test
    void isWellOnceTheCheckPasses() throws Exception {
        status.set(500);
        FakeRunner runner = start(check(true, Duration.ZERO), OFTEN);
        while (runner.requests().isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(events).isEmpty();

        status.set(200);

        assertThat(next()).isEqualTo(new Event.Well());
        assertThat(runner.requests().getFirst().method()).isEqualTo("POST");
        assertThat(runner.requests().getFirst().path()).isEqualTo("/well");
    }

    @Test
    void aMissingRouteIsWell() throws Exception {
        status.set(404);
        start(check(true, Duration.ZERO), OFTEN);

        assertThat(next()).isEqualTo(new Event.Well());
    }

    @Test
    void isSickAfterTheThreshold() throws Exception {
        FakeRunner runner = start(check(true, Duration.ZERO), OFTEN);
        next();
        int before = runner.requests().size();

        status.set(503);

        assertThat(next())
                .isInstanceOfSatisfying(
                        Event.Sick.class,
                        sick ->
                                assertThat(sick.detail())
                                        .contains("POST /well", "3 times in a row", "status 503"));
        assertThat(runner.requests().size() - before).isGreaterThanOrEqualTo(3);
    }

    @Test
    void failuresBeforeTheStartPeriodDoNotCount() throws Exception {
        FakeRunner runner = start(check(true, Duration.ofMinutes(1)), OFTEN);
        next();
        status.set(503);
        int before = runner.requests().size();
        while (runner.requests().size() < before + 10) {
            Thread.onSpinWait();
        }
        assertThat(events).isEmpty();

        clock.advance(Duration.ofMinutes(1));

        assertThat(next()).isInstanceOf(Event.Sick.class);
    }

    /// protocol: platform 5, `allow_on_busy`
    @Test
    void asksOnlyWhenIdleIfTheAppWantsThat() throws Exception {
        FakeRunner runner = start(check(true, Duration.ZERO), OFTEN);
        next();
        busy.set(true);
        status.set(503);
        watching().checkNow();
        assertThat(next()).isInstanceOf(Event.Sick.class);
        int asked = runner.requests().size();
        watching().checkNow();
        assertThat(next()).isInstanceOf(Event.Sick.class);
        assertThat(runner.requests()).hasSize(asked + 1);
        busy.set(false);
        assertThat(next()).isInstanceOf(Event.Sick.class);
        assertThat(runner.requests().size()).isGreaterThanOrEqualTo(asked + 4);
    }

    @Test
    void oneFailureIsEnoughWhenTheAppAsked() throws Exception {
        start(check(false, Duration.ofMinutes(1)), OFTEN);
        next();
        status.set(500);

        watching().checkNow();

        assertThat(next())
                .isInstanceOfSatisfying(
                        Event.Sick.class,
                        sick -> assertThat(sick.detail()).contains("asked for", "status 500"));
    }

    @Test
    void aPortThatNobodyListensOnIsSick() throws Exception {
        FakeRunner runner = start(null, OFTEN);
        next();
        runner.close();

        watching().suspect();

        assertThat(next()).isEqualTo(new Event.Sick("its port no longer accepts connections"));
    }

    @Test
    void aPortThatIsListenedOnIsWell() throws Exception {
        start(check(false, Duration.ZERO), OFTEN);
        next();

        watching().suspect();
        status.set(500);
        watching().checkNow();

        // The first thing heard is of the check, so the port was found well.
        assertThat(next())
                .isInstanceOfSatisfying(
                        Event.Sick.class, sick -> assertThat(sick.detail()).contains("/well"));
    }

    private FakeRunner start(@Nullable HealthCheck check, Duration interval) throws IOException {
        FakeRunner runner =
                FakeRunner.start(
                        folder.resolve("s"), request -> FakeRunner.Answer.of(status.get(), "{}"));
        app = runner;
        HealthWatch started =
                new HealthWatch(
                        runner.socket(), check, created, events::add, busy::get, clock, interval);
        watch = started;
        started.start("test");
        return runner;
    }

    private HealthWatch watching() {
        return java.util.Objects.requireNonNull(watch);
    }

    private static HealthCheck check(boolean regularly, Duration startPeriod) {
        return new HealthCheck(
                "/well", "POST", startPeriod, Duration.ofSeconds(5), 3, regularly, true);
    }

    private Event next() throws InterruptedException {
        Event event = events.poll(20, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        return java.util.Objects.requireNonNull(event);
    }
}
