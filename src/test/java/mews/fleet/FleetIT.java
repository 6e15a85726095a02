package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import mews.model.Fact.Subject;
import mews.model.HealthCheck;
import mews.model.LogLine;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Apps of fal's own SDK as processes of this host.
class FleetIT implements RunnerSurroundings, FailingRunners, RunnerJobs {
    private static final String REQUEST = "01900000-0000-7000-8000-00000000abcd";
    static FleetFixture host;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture();
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    /// Whatever a test left running ends here, and leaves nothing.
    @AfterEach
    void nothingIsLeft() throws IOException {
        List<UUID> live = host.fleet.live().stream().map(RunnerView::id).toList();
        live.forEach(runner -> host.fleet.kill(runner, StopReason.of(Code.KILLED)));
        live.forEach(host::end);
        assertThat(host.leftovers()).isEmpty();
    }

    @Test
    void servesAnAppAndStopsItGracefully() throws IOException {
        UUID id = host.start(Wish.app("Hello"));
        RunnerView runner = host.ready(id);

        assertThat(host.call(runner, "/", Map.of("name", "Ada")).path("hello").asString())
                .isEqualTo("Ada");
        assertThat(runner.slots()).isEqualTo(4);
        assertThat(runner.idleSince()).isNotNull();

        host.fleet.drain(id, StopReason.of(Code.IDLE));

        assertThat(host.end(id)).isEqualTo(StopReason.of(Code.IDLE));
        assertThat(host.logs.messages()).contains("tearing down");
    }

    @Test
    void tellsTheStoryOfAStart() {
        UUID id = host.start(Wish.app("Hello"));
        host.ready(id);

        assertThat(
                        host.history.of(Subject.RUNNER, id.toString()).stream()
                                .filter(fact -> fact.event().equals("phase"))
                                .map(fact -> fact.details().get("name")))
                .containsExactly(
                        "prepare", "sandbox", "interpreter", "imports", "load", "setup", "bind");
        assertThat(host.history.events(Subject.RUNNER, id.toString())).contains("ready");
    }

    @Test
    void labelsLinesWithTheirRequest() {
        RunnerView runner = host.ready(host.start(Wish.app("Hello")));

        host.raw(
                runner,
                "POST",
                "/",
                "{\"name\":\"Labelled\"}",
                "x-fal-request-id: " + REQUEST + "\r\n");

        host.awaitLine("greeting Labelled");
        LogLine line = host.line("greeting Labelled");
        assertThat(line.request()).isEqualTo(UUID.fromString(REQUEST));
        assertThat(line.runner()).isEqualTo(runner.id());
        assertThat(line.source()).isEqualTo(LogLine.Source.USER);
    }

    @Test
    void takesCommandsOfItsOwner() throws IOException {
        UUID id = host.start(Wish.app("Hello"));
        host.ready(id);

        ShellChecks.isWhereTheAppIs(host, id);
        ShellChecks.tellsStreamsAndExitCodesApart(host, id);
        ShellChecks.takesInputUntilItsEnd(host, id);
        ShellChecks.givesATerminalThatIsResized(host, id);
        ShellChecks.isEndedWithItsTerminal(host, id);
        assertThat(ShellChecks.run(host, id, "pwd; python -c 'import fastapi'"))
                .isEqualTo(new ShellChecks.Ended("/home/app\n", "", 0));
    }

    @Test
    void leadsCallsOfTheAppThroughTheDoor() {
        assumeTrue(host.sandbox.separateNetwork());
        RunnerView runner = host.ready(host.start(Wish.app("Hello")));

        assertThat(host.call(runner, "/nested", Map.of()).path("said").asString())
                .isEqualTo("local/through/the/door");
    }

    @Test
    void twoOwnServersListenOnTheSamePort() {
        assumeTrue(host.sandbox.separateNetwork());
        UUID one = host.start(Wish.function("own_server").port(8000));
        UUID two = host.start(Wish.function("own_server").port(8000));

        for (UUID id : List.of(one, two)) {
            assertThat(host.raw(host.ready(id), "GET", "/", "", "")).isEqualTo("my own on 8000");
        }
    }

    @Test
    void drainingWaitsForRequestsInFlight() throws Exception {
        UUID id = host.start(Wish.app("Hello"));
        RunnerView runner = host.ready(id);
        host.fleet.inFlight(id, 1);
        var answer = CompletableFuture.supplyAsync(() -> host.call(runner, "/sleeps", Map.of()));
        host.awaitLine("sleeping");

        host.fleet.drain(id, StopReason.of(Code.REPLACED));
        org.awaitility.Awaitility.await()
                .until(() ->
                        host.fleet.find(id).orElseThrow().state() instanceof RunnerState.Draining);
        host.call(runner, "/wake", Map.of());
        assertThat(answer.get(60, TimeUnit.SECONDS).path("slept").asBoolean()).isTrue();
        host.fleet.inFlight(id, 0);

        assertThat(host.end(id).code()).isEqualTo(Code.REPLACED);
        assertThat(host.stopped(id).everServed()).isTrue();
    }

    /// protocol: platform 6
    @Test
    void isToldThenFinishesItsRequestsThenIsTornDown() throws Exception {
        UUID id = host.start(Wish.app("LeavesInOrder").grace(Duration.ofMinutes(5)));
        RunnerView runner = host.ready(id);
        var answer = CompletableFuture.supplyAsync(() -> host.call(runner, "/", Map.of()));
        host.awaitLine("working");

        host.fleet.drain(id, StopReason.of(Code.IDLE));

        assertThat(answer.get(60, TimeUnit.SECONDS).path("done").asBoolean()).isTrue();
        assertThat(host.end(id).code()).isEqualTo(Code.IDLE);
        assertThat(host.logs.messages())
                .containsSubsequence("working", "told to leave", "work is done", "torn down last");
    }

    @Test
    void aTeardownThatOutlastsTheGraceIsKilled() {
        UUID id = host.start(Wish.app("LeavesInOrder").grace(Duration.ofSeconds(1)));
        host.call(host.ready(id), "/cling", Map.of());

        host.fleet.drain(id, StopReason.of(Code.IDLE));

        assertThat(host.end(id).code()).isEqualTo(Code.IDLE);
    }

    @Test
    void anAppThatIgnoresSigtermIsKilledAfterItsGrace() {
        assumeTrue(host.sandbox.separateNetwork());
        UUID id = host.start(Wish.function("stubborn").port(8000).grace(Duration.ofMillis(200)));
        host.ready(id);

        host.fleet.drain(id, StopReason.of(Code.STOPPED));

        assertThat(host.end(id).code()).isEqualTo(Code.STOPPED);
    }

    @Test
    void aFailedHealthCheckKeepsItFromBecomingReady() {
        HealthCheck missing =
                new HealthCheck(
                        "/crash-free",
                        "POST",
                        Duration.ZERO,
                        Duration.ofSeconds(5),
                        3,
                        true,
                        false);

        // 404 is not unhealthy.
        host.ready(host.start(Wish.app("Hello").health(missing)));
    }

    @Test
    void aRunawayPrinterIsCutIntoLines() {
        RunnerView runner = host.ready(host.start(Wish.app("Hello")));

        host.raw(runner, "POST", "/talk", "{}", "");

        host.awaitLine("said all");
        assertThat(host.logs.lines())
                .filteredOn(line -> runner.id().equals(line.runner()))
                .filteredOn(line -> line.message().startsWith("xxx"))
                .allSatisfy(line ->
                        assertThat(line.message().length())
                                .isLessThanOrEqualTo(LogIntake.LONGEST_LINE))
                .satisfies(lines ->
                        assertThat(
                                        lines.stream()
                                                .collect(
                                                        Collectors.summingLong(line ->
                                                                count(line.message(), 'x'))))
                                .isEqualTo(20_000_000L));
    }

    /// The last piece may share its line with what the app said next.
    private static long count(String text, char wanted) {
        return text.chars().filter(each -> each == wanted).count();
    }

    @Test
    void aServerThatStartsAgainClosesTheBooksOfItsEarlierLife() throws IOException {
        UUID id = host.start(Wish.app("Slow"));
        org.awaitility.Awaitility.await()
                .atMost(FleetFixture.PATIENCE)
                .until(() ->
                        host.fleet.find(id).orElseThrow().state() instanceof RunnerState.Setup);
        // Reading has it written first.
        assertThat(host.fleet.timeline(id)).isPresent();
        RunnerView closed;
        try (RunnerRows rows = new RunnerRows(host.database)) {
            rows.closeEarlierLife(host.clock.instant());
            closed =
                    rows.ended("local", java.time.Instant.EPOCH).stream()
                            .filter(view -> view.id().equals(id))
                            .findFirst()
                            .orElseThrow();
        }
        assertThat(((RunnerState.Stopped) closed.state()).reason().code())
                .isEqualTo(Code.SERVER_GONE);
    }
}
