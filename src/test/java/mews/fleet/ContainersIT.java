package mews.fleet;

import static mews.fleet.TestContainers.own;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.fleet.TestContainers.Settings;
import mews.model.HealthCheck;
import mews.model.Image;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import mews.testing.ContainersHere;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Container images that are apps themselves, as runners of this host.
@ContainersHere
class ContainersIT {
    private static FleetFixture host;
    private static TestContainers containers;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture();
        assumeTrue(host.sandbox.noRoots().isEmpty(), host.sandbox.noRoots());
        containers = TestContainers.in(host);
    }

    @AfterAll
    static void close() throws IOException {
        host.close();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        List<UUID> live = host.fleet.live().stream().map(RunnerView::id).toList();
        live.forEach(runner -> host.fleet.kill(runner, StopReason.of(Code.KILLED)));
        live.forEach(host::end);
        assertThat(host.leftovers()).isEmpty();
        assertThat(Files.readString(Path.of("/proc/self/mountinfo")))
                .doesNotContain(host.home.runners().toString());
    }

    @Test
    void twoServeOnTheSamePortAndStopWhenTold() throws IOException {
        Image image = containers.node(new Settings());
        RunnerView one = host.ready(host.start(own(image)));
        RunnerView two = host.ready(host.start(own(image)));

        assertThat(host.call(one, "/write", Map.of("path", "/root/mine")).asString())
                .isEqualTo("written");
        assertThat(host.call(one, "/read", Map.of("path", "/root/mine")).asString()).isEqualTo("x");
        assertThat(host.call(two, "/read", Map.of("path", "/root/mine")).asString())
                .isEqualTo("ENOENT");
        assertThat(host.call(one, "/who", Map.of()).path("uid").asInt()).isZero();

        host.fleet.drain(one.id(), StopReason.of(Code.IDLE));

        assertThat(host.end(one.id())).isEqualTo(StopReason.of(Code.IDLE));
        assertThat(host.logs.messages()).contains("told to stop");
        assertThat(host.call(two, "/health", Map.of()).asString()).isEqualTo("well");
    }

    @Test
    void isKilledWhenItDoesNotStop() throws IOException {
        Image image = containers.node(new Settings().env("STUBBORN", "1"));
        UUID id = host.start(own(image).grace(Duration.ofSeconds(1)));
        host.ready(id);

        host.fleet.drain(id, StopReason.of(Code.IDLE));

        assertThat(host.end(id)).isEqualTo(StopReason.of(Code.IDLE));
    }

    @Test
    void runsAsTheImagesUserInItsFolder() throws IOException {
        Image image = containers.node(new Settings().user("app").workdir("/srv/deeper"));
        RunnerView runner = host.ready(host.start(own(image)));

        var who = host.call(runner, "/who", Map.of());

        assertThat(who.path("uid").asInt()).isEqualTo(1000);
        assertThat(who.path("groups").toString()).contains("27");
        assertThat(who.path("home").asString()).isEqualTo("/tmp");
        assertThat(who.path("cwd").asString()).isEqualTo("/srv/deeper");
        assertThat(host.call(runner, "/write", Map.of("path", "/data/by-app")).asString())
                .isEqualTo("written");
        assertThat(host.call(runner, "/write", Map.of("path", "/srv/by-app")).asString())
                .contains("EACCES");
    }

    @Test
    void mayBeReadOnly() throws IOException {
        RunnerView runner =
                host.ready(
                        host.start(
                                own(containers.node(new Settings().readOnly()))
                                        .mounts("/data/only/this")));

        assertThat(host.call(runner, "/write", Map.of("path", "/srv/mine")).asString())
                .contains("EROFS");
        for (String place : List.of("/tmp/mine", "/data/only/this/is-mine")) {
            assertThat(host.call(runner, "/write", Map.of("path", place)).asString())
                    .isEqualTo("written");
        }
        assertThat(host.call(runner, "/write", Map.of("path", "/data/only/mine")).asString())
                .contains("EROFS");
        assertThat(host.home.data("local").resolve("only/this/is-mine")).exists();
    }

    @Test
    void hasTheImagesVariablesUnderItsOwn() throws IOException {
        host.secrets.set("local", "main", "TOKEN", "not-for-the-log", true);
        Image image =
                containers.node(
                        new Settings()
                                .env("FAL_APP_NAME", "of the image")
                                .env("HF_HOME", "/models")
                                .env("REQUESTS_CA_BUNDLE", "/etc/mine.pem")
                                .env("COLOUR", "green"));
        RunnerView runner = host.ready(host.start(own(image)));

        var environment = host.call(runner, "/env", Map.of());

        assertThat(environment.path("COLOUR").asString()).isEqualTo("green");
        assertThat(environment.path("HF_HOME").asString()).isEqualTo("/models");
        assertThat(environment.path("REQUESTS_CA_BUNDLE").asString()).isEqualTo("/etc/mine.pem");
        Map<String, String> roots = Map.of("path", environment.path("SSL_CERT_FILE").asString());
        assertThat(host.call(runner, "/read", roots).asString()).isEqualTo("roots of this test");
        assertThat(environment.path("TORCH_HOME").asString()).startsWith("/data");
        assertThat(environment.path("FAL_APP_NAME").asString()).isEqualTo("it");
        assertThat(environment.path("FAL_JOB_ID").asString()).isEqualTo(runner.id().toString());
        assertThat(environment.path("TOKEN").asString()).isEqualTo("not-for-the-log");
        assertThat(environment.path("MEWS_RUNNER_DIR").isMissingNode()).isTrue();
        host.awaitLine("token is ********");
        assertThat(ProcessHandle.allProcesses())
                .noneMatch(process ->
                        process.info().commandLine().orElse("").contains("not-for-the-log"));
        host.secrets.unset("local", "main", "TOKEN");
    }

    @Test
    void takesCommandsOfItsOwner() throws IOException {
        Image image = containers.node(new Settings());
        RunnerView runner = host.ready(host.start(own(image)));

        ShellChecks.isWhereTheAppIs(host, runner.id());
        ShellChecks.tellsStreamsAndExitCodesApart(host, runner.id());
        ShellChecks.givesATerminal(host, runner.id());
        assertThat(ShellChecks.run(host, runner.id(), "pwd").out()).isEqualTo("/srv\n");
    }

    @Test
    void reachesTheServerByItsDoorOnly() throws IOException {
        RunnerView runner = host.ready(host.start(own(containers.node(new Settings()))));

        assertThat(host.raw(runner, "POST", "/door", "{}", "")).contains("local/from-inside");
        assertThat(host.call(runner, "/read", Map.of("path", "/run/mews/door.sock")).asString())
                .isEqualTo("ENOENT");
        String key = host.home.sealKey().toString();
        assertThat(host.call(runner, "/read", Map.of("path", key)).asString()).isEqualTo("ENOENT");
    }

    @Test
    void anyAddressAndPortWillDo() throws IOException {
        Image six = containers.node(new Settings().command("/srv/server.js", "8080", "::1"));
        Image low = containers.node(new Settings().command("/srv/server.js", "80").user("app"));
        RunnerView one = host.ready(host.start(own(six)));
        RunnerView two = host.ready(host.start(own(low).port(80)));

        assertThat(host.call(one, "/health", Map.of()).asString()).isEqualTo("well");
        assertThat(host.call(two, "/health", Map.of()).asString()).isEqualTo("well");
    }

    @Test
    void isReadyOnceItsHealthCheckPasses() throws IOException {
        HealthCheck check =
                new HealthCheck(
                        "/health", "GET", Duration.ZERO, Duration.ofSeconds(5), 3, true, false);
        UUID id = host.start(own(containers.node(new Settings())).health(check));

        assertThat(host.ready(id).state()).isInstanceOf(RunnerState.Ready.class);
    }

    @Test
    void needsNoPort() throws IOException {
        Image image =
                containers.shell(
                        new Settings().entrypoint("sh", "-c").command("echo working; sleep 1000"));
        RunnerView runner = host.ready(host.start(own(image).port(null)));

        assertThat(runner.slots()).isZero();
        host.awaitLine("working");
    }

    @Test
    void isToldWhenItNeverOpensItsPort() throws IOException {
        Image deaf = containers.shell(new Settings().entrypoint("sleep").command("1000"));
        Image elsewhere = containers.node(new Settings().command("/srv/server.js", "3000"));
        UUID one = host.start(own(deaf).startup(Duration.ofSeconds(3)));
        UUID two = host.start(own(elsewhere).startup(Duration.ofSeconds(5)));

        assertThat(host.end(one))
                .isEqualTo(
                        new StopReason(
                                Code.STARTUP_TIMEOUT,
                                "nothing listened on exposed_port 8080 within startup_timeout (3 s), nor on any other port; have the app listen there, or raise startup_timeout"));
        assertThat(host.end(two).detail())
                .endsWith(
                        "but something did on 3000; have the app listen there, or change exposed_port");
    }

    @Test
    void isNotStartedWithAnEntryPointThatIsNotThere() throws IOException {
        Image image = containers.shell(new Settings().entrypoint("serve-it"));

        StopReason reason = host.end(host.start(own(image)));

        assertThat(reason.startFailure()).isTrue();
        assertThat(reason.detail())
                .contains("the image's entrypoint 'serve-it' does not exist in the image");
    }

    @Test
    void isToldWhenItTookTooMuchMemory() throws IOException {
        UUID id = host.start(own(containers.node(new Settings())).machine(FleetFixture.SMALL));
        host.call(host.ready(id), "/eat", Map.of());

        StopReason reason = host.end(id);

        assertThat(reason.code()).isEqualTo(Code.OUT_OF_MEMORY);
        assertThat(reason.detail()).contains("'XS' allows (300 MB)");
    }
}
