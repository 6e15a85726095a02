package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import mews.model.Revision;
import mews.model.RunnerView;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/// What a plain runner cannot do, a forked one cannot either.
class ForkedProbeIT extends ProbeIT {
    @BeforeAll
    static void open() throws Exception {
        host = new FleetFixture(null, new Ground.WarmSettings(1_000_000_000L, 1));
        String obstacle = host.sandbox.noForks();
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
    }

    @AfterAll
    static void close() throws IOException {
        boolean forked =
                host.fleet.ended(FleetFixture.APP.owner(), java.time.Instant.EPOCH).stream()
                        .anyMatch(runner -> runner.started().equals("forked"));
        boolean offered = host.sandbox.noForks().isEmpty();
        host.close();
        assertThat(forked).isEqualTo(offered);
    }

    @BeforeEach
    void warm() {
        Revision any = host.revision(Wish.app("Hello"));
        host.fleet.warm(any);
        await().atMost(FleetFixture.PATIENCE).until(() -> host.fleet.parents().isWarm(any));
    }

    /// Process 1 is a part of the fork itself: to use it gains nothing.
    @Override
    void cannotUseTheFirst(RunnerView prober) {
        assertThat(
                        attempt(
                                prober,
                                """
                                def confinement(pid):
                                    bounds = ("Uid", "Cap", "NoNewPrivs", "Seccomp")
                                    with open(f"/proc/{pid}/status") as status:
                                        return [line.split() for line in status if line.startswith(bounds)]
                                first = confinement(1)
                                got = f"{len(first)} {first == confinement('self')} {['NoNewPrivs:', '1'] in first} {['Seccomp:', '2'] in first}"
                                """))
                .isEqualTo("9 True True True");
    }
}
