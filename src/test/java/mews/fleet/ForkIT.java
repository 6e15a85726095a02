package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import mews.model.Fact.Subject;
import mews.model.HealthCheck;
import mews.model.Revision;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Runners that are forked from warm parents.
class ForkIT {
    private FleetFixture host;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        host = new FleetFixture(null, new Ground.WarmSettings(1_000_000_000L, 1));
        String obstacle = host.sandbox.noForks();
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void forksOnceTheParentIsWarm() {
        Wish wish = Wish.app("Born");
        Revision revision = warm(wish);

        RunnerView runner = host.ready(host.start(wish, revision));
        JsonNode facts = host.call(runner, "/", Map.of());

        assertThat(started(runner.id())).isEqualTo("forked");
        assertThat(facts.path("forked").asBoolean()).isTrue();
        assertThat(phases(runner.id()))
                .containsExactly("prepare", "sandbox", "imports", "load", "setup", "bind");
    }

    @Test
    void aForkIsShutInLikeAnyRunner() {
        Wish wish = Wish.app("Born");
        Revision revision = host.revision(wish);
        RunnerView plain = host.ready(host.start(wish, revision));
        JsonNode expected = host.call(plain, "/", Map.of());
        host.call(plain, "/leave", Map.of("name", "plain"));
        warm(wish, revision);
        RunnerView first = host.ready(host.start(wish, revision));
        host.call(first, "/leave", Map.of("name", "first"));
        RunnerView second = host.ready(host.start(wish, revision));
        JsonNode facts = host.call(second, "/", Map.of());

        assertThat(started(second.id())).isNotEqualTo("plain");
        for (String same :
                List.of("uid", "rights", "no_new_privileges", "interfaces", "output", "unshares")) {
            assertThat(facts.path(same)).as(same).isEqualTo(expected.path(same));
        }
        assertThat(facts.path("rights").asString()).matches("0+");
        assertThat(facts.path("unshares").asBoolean()).isFalse();
        assertThat(facts.path("hidden").isEmpty()).isTrue();
        assertThat(facts.path("files").toString()).doesNotContain("first", "plain");
        assertThat(facts.path("processes").toString()).isEqualTo("[1,2]");
        assertThat(facts.path("host_name").asString())
                .isNotEqualTo(host.call(first, "/", Map.of()).path("host_name").asString());
        assertThat(mounts(facts)).contains("/app", "/data", "/proc", "/tmp", "/run/mews");
    }

    @Test
    void forksDifferInWhatMustBeRandom() {
        Wish wish = Wish.app("Born");
        Revision revision = warm(wish);

        RunnerView one = host.ready(host.start(wish, revision));
        RunnerView other = host.ready(host.start(wish, revision));

        assertThat(host.call(one, "/", Map.of()).path("random"))
                .isNotEqualTo(host.call(other, "/", Map.of()).path("random"));
    }

    @Test
    void takesOneThatWaitsAndStopsItLikeAnyRunner() {
        Wish wish = Wish.app("Born");
        Revision revision = warm(wish);
        learnt(wish, revision);
        host.ready(host.start(wish, revision));
        await().atMost(FleetFixture.PATIENCE)
                .until(() -> host.fleet.parents().waiting(revision) > 0);

        RunnerView runner = host.ready(host.start(wish, revision));
        host.call(runner, "/orphan", Map.of());
        host.fleet.drain(runner.id(), StopReason.of(Code.IDLE));

        assertThat(started(runner.id())).isEqualTo("ahead");
        assertThat(host.end(runner.id())).isEqualTo(StopReason.of(Code.IDLE));
        assertThat(host.logs.messages()).contains("born to be torn down");
    }

    @Test
    void runnersOutliveTheirParent() {
        Wish wish = Wish.app("Born");
        Revision revision = warm(wish);
        learnt(wish, revision);
        RunnerView runner = host.ready(host.start(wish, revision));

        parents().forEach(ProcessHandle::destroyForcibly);
        await().atMost(FleetFixture.PATIENCE).until(() -> parents().findAny().isEmpty());
        RunnerView next = host.ready(host.start(wish, revision));

        assertThat(host.call(runner, "/", Map.of()).path("forked").asBoolean()).isTrue();
        assertThat(host.call(next, "/", Map.of()).path("pid").isNumber()).isTrue();
    }

    @Test
    void aPickledCallableIsDecodedInAParentOfItsOwn() {
        Wish wish = Wish.function("endless");
        Revision revision = warm(wish);
        learnt(wish, revision);
        host.ready(host.start(wish, revision));

        await().atMost(FleetFixture.PATIENCE).until(() -> host.fleet.parents().hasBranch(revision));
        UUID runner = host.start(wish, revision);
        host.ready(runner);

        assertThat(started(runner)).isNotEqualTo("plain");
    }

    @Test
    void anAppThatDoesNotBearItIsStartedPlainlyAndToldSo() {
        Wish wish = Wish.app("OnlyPlain");
        Revision revision = warm(wish);

        RunnerView runner = host.ready(host.start(wish, revision));
        RunnerView next = host.ready(host.start(wish, revision));

        assertThat(host.call(runner, "/", Map.of()).path("forked").asBoolean()).isFalse();
        host.awaitLine("this revision starts plainly from now on");
        assertThat(started(next.id())).isEqualTo("plain");
    }

    @Test
    void anAppThatIsUnwellWhenForkedIsStartedPlainly() {
        HealthCheck check =
                new HealthCheck(
                        "/health", "POST", Duration.ZERO, Duration.ofSeconds(5), 2, true, false);
        Wish wish = Wish.app("UnwellFork").health(check);
        Revision revision = warm(wish);

        RunnerView runner = host.ready(host.start(wish, revision));

        assertThat(runner.started()).isEqualTo("plain");
        assertThat(host.line("it was a fork of a warm parent").message())
                .contains("health check POST /health failed 2 times in a row", "status 500");
        host.awaitLine("this revision starts plainly from now on");
    }

    @Test
    void aBrokenAppIsBrokenEitherWay() {
        Wish wish = Wish.app("Broken");
        Revision revision = warm(wish);

        StopReason reason = host.end(host.start(wish, revision));

        assertThat(reason.code()).isEqualTo(Code.SETUP_FAILED);
        assertThat(reason.detail()).contains("no weights");
    }

    @Test
    void anotherSecretIsAnotherParent() {
        Wish wish = Wish.app("Born");
        Revision revision = warm(wish);

        host.secrets.set("local", "main", "TOKEN", "changed", true);
        boolean warm = host.fleet.parents().isWarm(revision);
        host.secrets.unset("local", "main", "TOKEN");

        assertThat(warm).isFalse();
    }

    @Test
    void leavesNothingBehind() throws IOException {
        Wish wish = Wish.app("Born");
        Revision revision = warm(wish);
        UUID runner = host.ready(host.start(wish, revision)).id();
        host.fleet.kill(runner, StopReason.of(Code.KILLED));
        host.end(runner);

        host.fleet.close();

        assertThat(host.leftovers()).isEmpty();
        assertThat(parents()).isEmpty();
        try (Stream<Path> nests = Files.list(host.home.sockets().resolve(Workplace.NESTS))) {
            assertThat(nests).isEmpty();
        }
    }

    private Revision warm(Wish wish) {
        return warm(wish, host.revision(wish));
    }

    private Revision warm(Wish wish, Revision revision) {
        host.fleet.warm(revision);
        await().atMost(FleetFixture.PATIENCE).until(() -> host.fleet.parents().isWarm(revision));
        return revision;
    }

    /// Runs it once, so that its parent imports what it does.
    private void learnt(Wish wish, Revision revision) {
        UUID runner = host.start(wish, revision);
        host.ready(runner);
        host.fleet.kill(runner, StopReason.of(Code.KILLED));
        host.end(runner);
        await().atMost(FleetFixture.PATIENCE).until(() -> host.fleet.parents().isWarm(revision));
    }

    private String started(UUID runner) {
        return host.history.of(Subject.RUNNER, runner.toString()).stream()
                .filter(fact -> fact.event().equals("ready"))
                .map(fact -> fact.details().getOrDefault("started", ""))
                .findFirst()
                .orElse("");
    }

    private List<String> phases(UUID runner) {
        return host.history.of(Subject.RUNNER, runner.toString()).stream()
                .filter(fact -> fact.event().equals("phase"))
                .map(fact -> fact.details().getOrDefault("name", ""))
                .toList();
    }

    private static List<String> mounts(JsonNode facts) {
        return StreamSupport.stream(facts.path("mounts").spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    /// The processes of the parents themselves, not those of what they forked.
    private Stream<ProcessHandle> parents() {
        String environments = host.home.environments().toString();
        return ProcessHandle.allProcesses()
                .filter(each -> commandLine(each.pid()).startsWith(environments))
                .filter(each -> commandLine(each.pid()).endsWith("\0parent\0"))
                .filter(each -> depth(each.pid()) == 2);
    }

    private static String commandLine(long pid) {
        return read(Path.of("/proc/%d/cmdline".formatted(pid)));
    }

    private static int depth(long pid) {
        return read(Path.of("/proc/%d/status".formatted(pid)))
                .lines()
                .filter(line -> line.startsWith("NSpid:"))
                .mapToInt(line -> line.split("\\s+").length - 1)
                .findFirst()
                .orElse(0);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
