package mews.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.AppName;
import mews.model.Fact;
import mews.model.RunnerTimeline;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Stories from made-up facts: each has no gap, and says what was waited for.
class RequestStoryTest {
    private static final Instant T = Instant.parse("2026-01-01T12:00:00Z");
    private static final AppName APP = new AppName("ada", "hello");
    private static final UUID ONE = UUID.fromString("00000000-0000-0000-0000-000000000001");
    private static final UUID TWO = UUID.fromString("00000000-0000-0000-0000-000000000002");

    private final List<Fact> request = new ArrayList<>();
    private final List<Fact> decisions = new ArrayList<>();
    private final List<RunnerStory> runners = new ArrayList<>();
    private Map<String, String> settings =
            Map.of("max_concurrency", "2", "max_multiplexing", "1", "scaling_delay", "0");
    private @Nullable RequestStory told;

    @AfterEach
    void leavesNoGap() {
        RequestStory story = tell();
        Instant end = story.from();
        for (Span span : story.spans()) {
            assertThat(span.from()).isEqualTo(end);
            end = span.to();
        }
        assertThat(end).isEqualTo(story.to());
    }

    @Test
    void aDirectCallThatStartedARunner() {
        runner(ONE, 0.02, 0.5, null, null, phase("sandbox", 0.02, 100), phase("setup", 0.12, 300));
        request(0.03, "waiting", Map.of("for", "runner"));
        finished(0, 0.6, 0.9, 1.0, ONE);

        assertThat(lines())
                .containsExactly(
                        "20 decision",
                        "100 start_sandbox",
                        "300 start_setup",
                        "80 health",
                        "100 slot",
                        "300 first_byte",
                        "100 body");
        assertThat(tell().summary())
                .isEqualTo(
                        "sync request, completed with status 200 after 1.00 s; the longest part,"
                                + " 300 ms, was a runner started: setup() (runner 000000000001).");
        assertThat(tell().attempts()).hasSize(1);
    }

    @Test
    void aDirectCallThatWaitedForASlot() {
        runner(ONE, -10, -9, null, null);
        runner(TWO, -10, -8, null, null);
        finished(0, 2, 2.5, 3, TWO);

        assertThat(lines()).containsExactly("2000 slot", "500 first_byte", "500 body");
        assertThat(tell().spans().getFirst().text())
                .isEqualTo(
                        "for a free slot: 2 of at most 2 runners were ready, each with 1 slot, all"
                                + " taken");
    }

    @Test
    void whatHeldStartsBack() {
        settings = Map.of("scaling_delay", "2", "max_concurrency", "2", "max_multiplexing", "1");
        decision(3, "backoff", "until 12:00:05: setup() failed");
        decision(5, "no_room", "S has to wait for memory");
        decision(8, "unblocked", "");
        runner(ONE, 8, 9, null, null, phase("setup", 8, 1000));
        queued(0);
        started(9, 1, ONE);
        ended(9.5, 1, 400, 200);
        request(9.5, "completed", Map.of("status", "200", "attempt", "1"));

        assertThat(lines())
                .containsExactly(
                        "2000 scaling_delay",
                        "1000 decision",
                        "2000 backoff",
                        "3000 no_room",
                        "1000 start_setup",
                        "400 first_byte",
                        "100 body");
        assertThat(tell().state()).isEqualTo("completed with status 200");
    }

    @Test
    void attemptsAndTheBackoffBetweenThem() {
        runner(ONE, -10, -9, 0.6, new StopReason(StopReason.Code.REQUEST_FAILED, "503"));
        runner(TWO, -10, -9, null, null);
        queued(0);
        started(0, 1, ONE);
        ended(0.5, 1, 500, 503);
        request(
                0.5,
                "retried",
                Map.of(
                        "attempt", "1",
                        "error_type", "runner_server_error",
                        "detail", "status 503",
                        "not_before", T.plusMillis(1500).toString()));
        started(1.5, 2, TWO);
        ended(2, 2, 100, 200);
        request(2, "completed", Map.of("status", "200", "attempt", "2"));

        assertThat(lines())
                .containsExactly(
                        "500 first_byte",
                        "0 body",
                        "1000 retry_backoff",
                        "100 first_byte",
                        "400 body");
        assertThat(tell().attempts().stream().map(RequestStory.Attempt::outcome))
                .containsExactly("tried again: runner_server_error: status 503", "status 200");
        assertThat(tell().attempts().stream().map(RequestStory.Attempt::runner))
                .containsExactly(ONE, TWO);
    }

    @Test
    void aStartThatFailedAndARequestThatStillWaits() {
        runner(ONE, 0, null, 2.0, new StopReason(StopReason.Code.SETUP_FAILED, "setup() failed"));
        decision(2, "backoff", "until 12:00:32: setup() failed");
        queued(0);

        assertThat(lines()).containsExactly("2000 failed_start", "8000 backoff");
        assertThat(tell().state()).isEqualTo("waiting");
        assertThat(tell().over()).isFalse();
    }

    @Test
    void aRequestThatWasGivenBack() {
        runner(ONE, -10, -9, 1.0, StopReason.of(StopReason.Code.KILLED));
        queued(0);
        started(0, 1, ONE);
        request(1, "released", Map.of());
        request(4, "cancelled", Map.of());

        assertThat(lines()).containsExactly("1000 app", "3000 decision");
        assertThat(tell().state()).isEqualTo("cancelled");
    }

    private List<String> lines() {
        return tell().spans().stream()
                .map(span -> "%d %s".formatted(span.length().toMillis(), span.what()))
                .toList();
    }

    private RequestStory tell() {
        RequestStory story = told;
        if (story == null) {
            story =
                    RequestStory.tell(
                            new RequestStory.Facts(
                                    request, runners, decisions, settings, T.plusSeconds(10)));
            told = story;
        }
        return story;
    }

    private void finished(
            double received, double admitted, double firstByte, double end, UUID runner) {
        request(
                end,
                "finished",
                Map.of(
                        "kind", "sync",
                        "received", at(received).toString(),
                        "admitted", at(admitted).toString(),
                        "first_byte", at(firstByte).toString(),
                        "runner", runner.toString(),
                        "status", "200"));
    }

    private void queued(double seconds) {
        request(seconds, "queued", Map.of("position", "0"));
    }

    private void started(double seconds, int attempt, UUID runner) {
        request(
                seconds,
                "attempt_started",
                Map.of("attempt", "" + attempt, "runner_id", runner.toString()));
    }

    private void ended(double seconds, int attempt, int firstByte, int status) {
        request(
                seconds,
                "attempt_ended",
                Map.of(
                        "attempt", "" + attempt,
                        "first_byte_ms", "" + firstByte,
                        "status", "" + status));
    }

    private void request(double seconds, String event, Map<String, String> details) {
        request.add(
                new Fact(at(seconds), Fact.Subject.REQUEST, ONE.toString(), APP, event, details));
    }

    private void decision(double seconds, String event, String reason) {
        decisions.add(
                new Fact(
                        at(seconds),
                        Fact.Subject.ALIAS,
                        APP.toString(),
                        APP,
                        event,
                        Map.of("reason", reason)));
    }

    private static Fact phase(String name, double seconds, int millis) {
        return new Fact(
                at(seconds),
                Fact.Subject.RUNNER,
                ONE.toString(),
                APP,
                "phase",
                Map.of("name", name, "ms", "" + millis));
    }

    private void runner(
            UUID id,
            double created,
            @Nullable Number ready,
            @Nullable Number stopped,
            @Nullable StopReason reason,
            Fact... phases) {
        RunnerTimeline times =
                new RunnerTimeline(
                        id,
                        APP,
                        new UUID(0, 9),
                        0,
                        "S",
                        1,
                        "none",
                        at(created),
                        at(created),
                        ready == null ? null : at(ready.doubleValue()),
                        null,
                        null,
                        stopped == null ? null : at(stopped.doubleValue()),
                        reason,
                        null,
                        true);
        runners.add(RunnerStory.of(times, List.of(phases)));
    }

    private static Instant at(double seconds) {
        return T.plusMillis(Math.round(seconds * 1000));
    }
}
