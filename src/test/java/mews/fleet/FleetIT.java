package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import mews.fleet.FleetFixture.Job;
import mews.fleet.FleetFixture.Wish;
import mews.model.AppFile;
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
class FleetIT {
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
    void handsOverSecretsAndHidesThemInTheLog() {
        host.secrets.set("local", "main", "TOKEN", "not-for-the-log", true);
        RunnerView runner = host.ready(host.start(Wish.app("Hello")));

        assertThat(token(runner)).isEqualTo("not-for-the-log");
        host.awaitLine("secret is ********");
        // A change reaches new runners only. protocol: platform 9
        host.secrets.set("local", "main", "TOKEN", "another-not-for-the-log", true);
        RunnerView later = host.ready(host.start(Wish.app("Hello")));
        assertThat(token(later)).isEqualTo("another-not-for-the-log");
        assertThat(token(runner)).isEqualTo("not-for-the-log");
        assertThat(host.logs.messages()).noneMatch(line -> line.contains("not-for-the-log"));
        host.secrets.unset("local", "main", "TOKEN");
    }

    private static String token(RunnerView runner) {
        return host.call(runner, "/environment", Map.of("names", List.of("TOKEN")))
                .path("TOKEN")
                .asString();
    }

    @Test
    void tellsTheAppWhoItIs() {
        UUID id = host.start(Wish.app("Hello"));
        RunnerView runner = host.ready(id);
        List<String> names =
                List.of(
                        "FAL_JOB_ID",
                        "FAL_APP_NAME",
                        "FAL_HOST",
                        "FAL_KEY",
                        "FAL_REGION",
                        "HF_HOME");

        var told = host.call(runner, "/environment", Map.of("names", names));

        assertThat(told.path("FAL_JOB_ID").asString()).isEqualTo(id.toString());
        assertThat(told.path("FAL_APP_NAME").asString()).isEqualTo("it");
        assertThat(told.path("FAL_HOST").asString()).isEqualTo("127.0.0.1:18787");
        assertThat(told.path("FAL_REGION").asString()).isEqualTo("here");
        String[] key = told.path("FAL_KEY").asString().split(":");
        assertThat(host.keys.authenticate(key[0], key[1])).isNotNull();

        host.fleet.drain(id, StopReason.of(Code.STOPPED));
        host.end(id);

        assertThat(host.keys.authenticate(key[0], key[1])).isNull();
    }

    @Test
    void handsOverWhomToTrustUnlessTheAppSaysOtherwise() {
        host.secrets.set("local", "main", "REQUESTS_CA_BUNDLE", "/data/mine.pem", true);
        RunnerView runner = host.ready(host.start(Wish.app("Hello")));
        List<String> names = List.of("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE");

        var told = host.call(runner, "/environment", Map.of("names", names));

        String file = ".." + told.path("SSL_CERT_FILE").asString();
        assertThat(host.call(runner, "/file", Map.of("path", file)).path("text").asString())
                .isEqualTo("roots of this test");
        assertThat(told.path("REQUESTS_CA_BUNDLE").asString()).isEqualTo("/data/mine.pem");
        host.secrets.unset("local", "main", "REQUESTS_CA_BUNDLE");
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
    void laysOutAppFilesWithTheirModes() throws IOException {
        assumeTrue(host.sandbox.separateFiles());
        Path content = Files.writeString(host.home.root().resolve("tool"), "echo hi");
        Files.setPosixFilePermissions(content, PosixFilePermissions.fromString("rwxr-x---"));
        host.blobs.putAs("abc123", content);

        RunnerView runner =
                host.ready(
                        host.start(Wish.app("Hello").files(new AppFile("abc123", "deep/er/tool"))));

        var told = host.call(runner, "/file", Map.of("path", "deep/er/tool"));
        assertThat(told.path("text").asString()).isEqualTo("echo hi");
        assertThat(told.path("mode").asInt()).isEqualTo(0750);
        assertThat(told.path("cwd").asString()).isEqualTo("/app");
    }

    @Test
    void keepsDataBetweenRunnersOfAnAccount() {
        assumeTrue(host.sandbox.separateFiles());
        UUID first = host.start(Wish.app("Hello"));
        host.call(host.ready(first), "/keep", Map.of("text", "for later"));
        host.fleet.drain(first, StopReason.of(Code.IDLE));
        host.end(first);

        RunnerView second = host.ready(host.start(Wish.app("Hello")));

        assertThat(host.call(second, "/kept", Map.of()).path("text").asString())
                .isEqualTo("for later");
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

    @Test
    void anAppThatIgnoresSigtermIsKilledAfterItsGrace() {
        assumeTrue(host.sandbox.separateNetwork());
        UUID id = host.start(Wish.function("stubborn").port(8000).grace(Duration.ofMillis(200)));
        host.ready(id);

        host.fleet.drain(id, StopReason.of(Code.STOPPED));

        assertThat(host.end(id).code()).isEqualTo(Code.STOPPED);
    }

    @Test
    void aSetupThatRaisesIsToldWithItsCause() {
        StopReason reason = host.end(host.start(Wish.app("Broken")));

        assertThat(reason)
                .isEqualTo(
                        new StopReason(
                                Code.SETUP_FAILED, "setup() failed: RuntimeError: no weights"));
        assertThat(host.logs.messages()).anyMatch(line -> line.contains("in setup"));
    }

    @Test
    void aSetupThatNeverReturnsIsStoppedAtItsTimeout() {
        StopReason reason =
                host.end(
                        host.start(
                                Wish.app("Slow")
                                        .startup(Duration.ofSeconds(8))
                                        .grace(Duration.ofMillis(200))));

        assertThat(reason.code()).isEqualTo(Code.STARTUP_TIMEOUT);
        assertThat(reason.detail()).contains("startup_timeout (8 s)", "'setup'");
    }

    @Test
    void anAppThatExitsIsToldWithItsCodeAndLastWords() {
        StopReason reason = host.end(host.start(Wish.app("Leaves")));

        assertThat(reason.code()).isEqualTo(Code.EXITED);
        assertThat(reason.detail()).contains("exit code 3 before it was ready", "I leave");
    }

    @Test
    void anAppThatCrashesWhileServingIsTold() {
        UUID id = host.start(Wish.app("Hello"));
        RunnerView runner = host.ready(id);

        host.raw(runner, "POST", "/crash", "{}", "");

        StopReason reason = host.end(id);
        assertThat(reason.code()).isEqualTo(Code.EXITED);
        assertThat(reason.detail()).contains("exit code 9 while it was serving");
    }

    @Test
    void anAppThatEatsMemoryIsToldItsLimit() {
        StopReason reason = host.end(host.start(Wish.app("Eats").machine(FleetFixture.SMALL)));

        assertThat(reason.code()).isEqualTo(Code.OUT_OF_MEMORY);
        assertThat(reason.detail()).contains("'XS'", "300 MB");
    }

    @Test
    void aMissingModuleIsToldByName() {
        StopReason reason =
                host.end(
                        host.start(
                                new FleetFixture.Wish(
                                        new mews.model.Callable.EntryPoint(
                                                "no_such_module:App.run_local"))));

        assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
        assertThat(reason.detail()).contains("No module named 'no_such_module'");
    }

    @Test
    void anAppCannotSendTheServerToAnotherSocket() {
        assumeTrue(host.sandbox.separateFiles());

        StopReason reason = host.end(host.start(Wish.app("Redirects")));

        assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
        assertThat(reason.detail()).contains("app.sock is not a socket");
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
    void aJobHandsOverItsResult() throws Exception {
        Job job = new Job();
        UUID id = host.start(Wish.function("add").job(job));

        JobListener.Outcome outcome = job.outcome.get(90, TimeUnit.SECONDS);

        assertThat(outcome.raised()).isFalse();
        assertThat(new String(outcome.definition(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("K\u0002.");
        assertThat(host.end(id).code()).isEqualTo(Code.FINISHED);
        assertThat(host.stopped(id).slots()).isZero();
        assertThat(job.failure).isNotDone();
    }

    @Test
    void aJobHandsOverWhatItRaised() throws Exception {
        Job job = new Job();
        host.start(Wish.function("fails").job(job));

        JobListener.Outcome outcome = job.outcome.get(90, TimeUnit.SECONDS);

        assertThat(outcome.raised()).isTrue();
        assertThat(outcome.traceback()).contains("ValueError: it broke");
    }

    @Test
    void aJobWithoutAResultFailsWithTheReason() throws Exception {
        Job job = new Job();
        host.start(Wish.function("unpicklable").job(job));

        assertThat(job.failure.get(90, TimeUnit.SECONDS).detail())
                .contains("of type lock, which cannot be pickled");
        assertThat(job.outcome).isNotDone();
    }

    @Test
    void aKilledJobFailsWithTheReason() throws Exception {
        Job job = new Job();
        UUID id = host.start(Wish.function("endless").job(job));
        host.awaitLine("running");

        host.fleet.kill(id, StopReason.of(Code.KILLED));

        assertThat(job.failure.get(90, TimeUnit.SECONDS).code()).isEqualTo(Code.KILLED);
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
