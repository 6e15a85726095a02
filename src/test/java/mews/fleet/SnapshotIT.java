package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Map;
import mews.model.Fact;
import mews.model.LogLine;
import mews.model.Revision;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Runners forked from a parent that has run `setup()` already.
@TestInstance(Lifecycle.PER_CLASS)
class SnapshotIT {
    private final FleetFixture host;

    SnapshotIT() throws IOException, InterruptedException {
        host = new FleetFixture(null, new Ground.WarmSettings(2_000_000_000L, 1));
    }

    @BeforeAll
    void needsForks() {
        String obstacle = host.sandbox.noForks();
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
    }

    @AfterAll
    void close() throws IOException {
        host.close();
    }

    @Test
    void runnersFindTheirAppSetUp() {
        Wish wish = Wish.app("SetUpAhead").snapshot();
        Revision revision = host.revision(wish);
        host.fleet.warm(revision);
        assertThat(told(revision)).containsEntry("state", "taken").containsKey("seconds");

        RunnerView one = host.ready(host.start(wish, revision));
        RunnerView other = host.ready(host.start(wish, revision));
        JsonNode first = host.call(one, "/", Map.of());
        JsonNode second = host.call(other, "/", Map.of());

        for (String same : new String[] {"at", "weights", "cache"}) {
            assertThat(first.path(same)).as(same).isEqualTo(second.path(same));
        }
        assertThat(first.path("cache").asString()).isEqualTo("kept");
        assertThat(first.path("state").asString()).isEqualTo("RUNNING");
        assertThat(first.path("random")).isNotEqualTo(second.path("random"));
        assertThat(host.logs.lines())
                .filteredOn(line -> revision.id().equals(line.revision()))
                .extracting(LogLine::message)
                .containsOnlyOnce("setting up for SETUP");
        assertThat(host.line("minding the memory").level()).isEqualTo(LogLine.Level.STDERR);
        assertThat(host.logs.messages())
                .anyMatch(line -> line.startsWith("snapshot after setup(): it ran once"));
        host.fleet.drain(one.id(), StopReason.of(Code.IDLE));
        assertThat(host.end(one.id())).isEqualTo(StopReason.of(Code.IDLE));
        assertThat(host.logs.messages()).contains("set up ahead, torn down here");
    }

    /// As `ref` apps are sent.
    @Test
    void soDoThoseOfAPickledApp() {
        Wish wish = Wish.function("set_up_ahead").port(8080).snapshot();
        Revision revision = host.revision(wish);
        host.fleet.warm(revision);
        assertThat(told(revision)).containsEntry("state", "taken");

        JsonNode one = host.call(host.ready(host.start(wish, revision)), "/", Map.of());
        JsonNode other = host.call(host.ready(host.start(wish, revision)), "/", Map.of());

        assertThat(one.path("at")).isEqualTo(other.path("at"));
    }

    @ParameterizedTest
    @CsvSource({
        "HoldsSocket, setup() left a socket open",
        "HoldsThread, setup() started a thread (mine)",
        "HoldsDevice, setup() left a device open (/dev/",
        "HoldsProcess, setup() left another process running",
        "HoldsSharedMemory, setup() made memory that its forks would share",
        "NeedsNetwork, setup() raised OSError: no route to the weights"
    })
    void whatForksCannotInheritIsRefusedWithTheReason(String symbol, String reason) {
        Wish wish = Wish.app(symbol).snapshot();
        Revision revision = host.revision(wish);
        host.fleet.warm(revision);

        assertThat(told(revision)).containsEntry("state", "refused");
        assertThat(told(revision).get("reason")).startsWith(reason);
        assertThat(host.logs.lines())
                .anyMatch(line ->
                        revision.id().equals(line.revision())
                                && line.level() == LogLine.Level.WARNING
                                && line.message().contains(reason));
    }

    /// The normal way is open to it.
    @Test
    void anAppThatIsRefusedRunsAllTheSame() {
        Wish wish = Wish.app("HoldsSocket").snapshot();
        Revision revision = host.revision(wish);
        host.fleet.warm(revision);
        assertThat(told(revision)).containsEntry("state", "refused");

        RunnerView one = host.ready(host.start(wish, revision));
        RunnerView other = host.ready(host.start(wish, revision));

        assertThat(host.call(one, "/", Map.of()).path("at"))
                .isNotEqualTo(host.call(other, "/", Map.of()).path("at"));
    }

    private Map<String, String> told(Revision revision) {
        return await().atMost(FleetFixture.PATIENCE)
                .until(
                        () ->
                                host
                                        .history
                                        .of(Fact.Subject.ALIAS, FleetFixture.APP.toString())
                                        .stream()
                                        .filter(fact -> fact.event().equals("snapshot"))
                                        .map(Fact::details)
                                        .filter(each ->
                                                revision.id()
                                                        .toString()
                                                        .equals(each.get("revision")))
                                        .findFirst()
                                        .orElse(Map.of()),
                        found -> !found.isEmpty());
    }
}
