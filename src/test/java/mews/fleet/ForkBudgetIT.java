package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import mews.model.Image;
import mews.model.Revision;
import mews.model.RunnerView;
import mews.testing.Pythons;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// Warm parents share a budget of memory.
class ForkBudgetIT {
    @Test
    void theLeastUsedGoesFirst() throws IOException, InterruptedException {
        long one = memoryOfAParent();
        try (FleetFixture host = host(one * 3 / 2)) {
            Revision first = host.revision(wish("first"));
            Revision second = host.revision(wish("second"));
            warm(host, first);
            RunnerView runner = host.ready(host.start(wish("first"), first));
            warm(host, second);

            await().atMost(FleetFixture.PATIENCE).until(() -> !host.fleet.parents().isWarm(first));

            assertThat(runner.started()).isEqualTo("forked");
            assertThat(host.fleet.parents().isWarm(second)).isTrue();
            assertThat(host.call(runner, "/", Map.of("name", "Ada")).path("hello").asString())
                    .as("a runner outlives the parent that was evicted")
                    .isEqualTo("Ada");
        }
    }

    @Test
    void aParentThatNeverFitsIsNotKept() throws IOException, InterruptedException {
        try (FleetFixture host = host(1)) {
            Revision revision = host.revision(wish("first"));
            host.ready(host.start(wish("first"), revision));

            await("it to be warm, and gone")
                    .atMost(FleetFixture.PATIENCE)
                    .until(() -> host.fleet.parents().evictions() > 0);

            // What the first runner taught may be on its way to one more parent.
            await("starts to be plain")
                    .atMost(FleetFixture.PATIENCE)
                    .until(
                            () -> host.ready(host.start(wish("first"), revision)),
                            next -> next.started().equals("plain"));
            await().atMost(FleetFixture.PATIENCE)
                    .until(() -> host.fleet.parents().memoryBytes() == 0);
        }
    }

    private static long memoryOfAParent() throws IOException, InterruptedException {
        try (FleetFixture host = host(1_000_000_000L)) {
            warm(host, host.revision(wish("first")));
            return host.fleet.parents().memoryBytes();
        }
    }

    private static void warm(FleetFixture host, Revision revision) {
        host.fleet.warm(revision);
        await().atMost(FleetFixture.PATIENCE).until(() -> host.fleet.parents().isWarm(revision));
    }

    private static FleetFixture host(long budget) throws IOException, InterruptedException {
        FleetFixture host = new FleetFixture(null, new Ground.WarmSettings(budget, 0));
        String obstacle = host.sandbox.noForks();
        if (!obstacle.isEmpty()) {
            host.close();
        }
        Assumptions.assumeTrue(obstacle.isEmpty(), obstacle);
        return host;
    }

    private static Wish wish(String environment) {
        return Wish.app("Hello")
                .image(new Image(environment, Pythons.MINOR, List.of("app", "sdk")));
    }
}
