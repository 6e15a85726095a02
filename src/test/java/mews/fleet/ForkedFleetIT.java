package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import mews.model.Fact.Subject;
import mews.model.Revision;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// All that is true of runners is true of runners that are forked.
class ForkedFleetIT extends FleetIT {
    private static final int MOST_TESTS_FORK = 15;

    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture(null, new Ground.WarmSettings(1_000_000_000L, 1));
        String obstacle = host.sandbox.noForks();
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
    }

    @AfterAll
    static void close() throws IOException {
        long forked =
                host.fleet.ended(FleetFixture.APP.owner(), java.time.Instant.EPOCH).stream()
                        .filter(runner -> runner.started().equals("forked"))
                        .count();
        boolean offered = host.sandbox.noForks().isEmpty();
        host.close();
        assertThat(forked).isGreaterThan(offered ? MOST_TESTS_FORK : -1);
    }

    @BeforeEach
    void warm() {
        Revision any = host.revision(Wish.app("Hello"));
        host.fleet.warm(any);
        await().atMost(FleetFixture.PATIENCE).until(() -> host.fleet.parents().isWarm(any));
    }

    @Override
    @Test
    void tellsTheStoryOfAStart() {
        UUID id = host.start(Wish.app("Hello"));
        host.ready(id);

        assertThat(host.history.of(Subject.RUNNER, id.toString()))
                .filteredOn(fact -> fact.event().equals("phase"))
                .extracting(fact -> fact.details().get("name"))
                .containsExactly("prepare", "sandbox", "imports", "load", "setup", "bind");
    }

    /// Parents and the forks that wait stay.
    @Override
    @AfterEach
    void nothingIsLeft() {
        List<UUID> live = host.fleet.live().stream().map(RunnerView::id).toList();
        live.forEach(runner -> host.fleet.kill(runner, StopReason.of(Code.KILLED)));
        live.forEach(host::end);
    }
}
