package mews.reconcile;

import static mews.reconcile.ReconcileFixture.APP;
import static mews.reconcile.ReconcileFixture.policy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import mews.dispatch.Demand;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Fact;
import mews.model.Revision;
import mews.model.StopReason;
import mews.scale.Holdup;
import mews.scale.Standing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// From demand, deploys and ends of runners to starts and drains. protocol: platform 1, 2, 7
class ReconcilerIT {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final StopReason BROKEN =
            new StopReason(StopReason.Code.SETUP_FAILED, "setup() failed: boom");

    private final ReconcileFixture host = new ReconcileFixture();

    @AfterEach
    void close() {
        host.close();
    }

    @Test
    void startsOneRunnerForEachWaitingRequestUpToTheMaximum() throws Exception {
        host.deploy(policy(0, 2));
        host.enqueue(1);
        awaitRunners(1);
        host.enqueue(2);
        awaitRunners(2);

        Standing standing = standing();
        assertThat(standing.load().starting()).isEqualTo(2);
        assertThat(standing.load().waiting()).hasSize(3);
        assertThat(standing.holdup()).isNull();
        assertThat(events()).containsOnlyOnce("settings").contains("runner_started");
    }

    @Test
    void keepsTheMinimumAliveWithoutTraffic() throws Exception {
        host.deploy(policy(1, 2));
        awaitRunners(1);
        UUID runner = host.runners().getFirst();
        host.fleet.ready(runner);
        host.fleet.stop(runner, StopReason.of(StopReason.Code.KILLED));

        await().until(() -> host.runners().size() == 1 && !host.runners().contains(runner));
    }

    @Test
    void preparesStartsAtADeployAndAgainWhenTheServerBeginsAgain() throws Exception {
        Revision revision = host.deploy(policy(0, 2));
        awaitWarmed(revision);

        host.restart();

        awaitWarmed(revision);
        assertThat(host.runners()).isEmpty();
    }

    private void awaitWarmed(Revision revision) {
        await().until(() ->
                host.fleet.warmed.stream().anyMatch(warm -> warm.id().equals(revision.id())));
    }

    @Test
    void countsDirectCallsAsDemand() throws Exception {
        host.deploy(policy(0, 5));
        host.demands.put(APP, new Demand(2, List.of(host.clock.instant(), host.clock.instant())));
        host.reconciler.poke();

        awaitRunners(4);
    }

    @Test
    void failedStartsWaitLongerEachTimeUntilOneSucceeds() throws Exception {
        host.deploy(policy(1, 1));
        for (int seconds : List.of(30, 60, 90)) {
            awaitRunners(1);
            host.fleet.stop(host.runners().getFirst(), BROKEN);
            awaitHoldup("backoff");
            assertThat(holdup().reason()).contains("boom");
            host.advance(Duration.ofSeconds(seconds).minus(SECOND));
            host.advance(Duration.ZERO);
            assertThat(host.runners()).isEmpty();
            host.advance(SECOND);
        }
        awaitRunners(1);
        UUID last = host.runners().getFirst();
        host.fleet.ready(last);
        await().until(() -> standing().holdup() == null);
        host.fleet.stop(last, BROKEN);
        awaitHoldup("backoff");
        host.advance(Duration.ofSeconds(30));
        awaitRunners(1);
        assertThat(events()).contains("backoff", "unblocked");
    }

    @Test
    void aFullHostKeepsRequestsWaitingAndSaysWhy() throws Exception {
        host.freeMemory = 0;
        host.deploy(policy(0, 2));
        host.enqueue(1);
        awaitHoldup("no_room");
        assertThat(holdup().reason()).contains("S has to wait for memory");
        assertThat(host.runners()).isEmpty();

        host.freeMemory = 4_000_000_000L;
        host.advance(Duration.ofSeconds(19));
        host.advance(Duration.ZERO);
        assertThat(host.runners()).isEmpty();
        assertThat(holdup().until()).isEqualTo(host.clock.instant().plus(SECOND));
        host.advance(SECOND);

        awaitRunners(1);
        await().until(() -> standing().holdup() == null);
        assertThat(events()).containsSubsequence("no_room", "unblocked", "runner_started");
    }

    @Test
    void aRunnerThatEndsMakesRoomAtOnce() throws Exception {
        host.deploy(policy(1, 2));
        awaitRunners(1);
        UUID first = host.runners().getFirst();
        host.fleet.ready(first);
        host.freeMemory = 0;
        host.demands.put(APP, new Demand(1, List.of(host.clock.instant())));
        host.reconciler.poke();
        awaitHoldup("no_room");
        host.freeMemory = 4_000_000_000L;

        host.fleet.stop(first, StopReason.of(StopReason.Code.KILLED));

        awaitRunners(2);
    }

    @Test
    void aNewRevisionTakesOverOnceOneRunnerIsReady() throws Exception {
        Revision old = host.deploy(policy(1, 1));
        awaitRunners(1);
        host.fleet.ready(host.runners().getFirst());

        Revision next = host.deploy(policy(1, 2));
        await().until(() -> host.runnersOf(next).size() == 1);
        assertThat(alias().serving()).isEqualTo(old.id());
        assertThat(host.runnersOf(old)).hasSize(1);
        assertThat(standing().upcoming()).isEqualTo(1);

        host.fleet.ready(host.runnersOf(next).getFirst());
        await().until(() -> alias().serving().equals(next.id()));
        await().until(() -> host.runnersOf(old).isEmpty());
        assertThat(host.runnersOf(next)).hasSize(1);
        assertThat(events()).contains("revision_took_over");
    }

    @Test
    void aBrokenRevisionLeavesTheOldOneServing() throws Exception {
        Revision old = host.deploy(policy(1, 1));
        awaitRunners(1);
        host.fleet.ready(host.runners().getFirst());

        Revision next = host.deploy(policy(1, 1));
        await().until(() -> host.runnersOf(next).size() == 1);
        host.fleet.stop(host.runnersOf(next).getFirst(), BROKEN);

        await().until(() -> alias().next() == null);
        assertThat(alias().serving()).isEqualTo(old.id());
        assertThat(host.runnersOf(old)).hasSize(1);
        await().until(() -> events().contains("revision_given_up"));
    }

    @Test
    void aRolloutDrainsEachOldRunnerOnlyWhenAnotherIsReady() throws Exception {
        host.deploy(policy(2, 2));
        awaitRunners(2);
        List<UUID> old = host.runners();
        old.forEach(host.fleet::ready);

        host.deployment.aliases().rollout(APP);
        awaitRunners(4);
        List<UUID> fresh = host.runners().stream().filter(id -> !old.contains(id)).toList();
        assertThat(fresh).hasSize(2);
        host.fleet.ready(fresh.getFirst());
        awaitRunners(3);
        assertThat(host.runners()).containsAll(fresh);
        host.fleet.ready(fresh.getLast());
        await().until(() -> host.runners().equals(fresh));
    }

    @Test
    void runnersOfADeletedAppGo() throws Exception {
        host.deploy(policy(1, 1));
        awaitRunners(1);

        host.deployment.deployer().remove(APP);

        awaitRunners(0);
        assertThat(host.reconciler.standing(APP)).isEmpty();
    }

    @Test
    void whatWaitsForADeletedAppEndsAndWhatWaitsForAWorkflowDoesNot() {
        AppName workflow = new AppName(AppName.WORKFLOWS, "ada/steps");
        AppName gone = new AppName("ada", "gone");
        host.enqueue(workflow, 1);
        host.enqueue(gone, 1);

        host.reconciler.poke();

        await().until(() -> !host.awaited().contains(gone));
        assertThat(host.awaited()).contains(workflow);
    }

    private void awaitRunners(int count) {
        await().until(() -> host.runners().size() == count);
    }

    private void awaitHoldup(String kind) {
        await().until(() -> {
            Holdup holdup = standing().holdup();
            return holdup != null && holdup.kind().equals(kind);
        });
    }

    private Holdup holdup() {
        @Nullable Holdup holdup = standing().holdup();
        assertThat(holdup).isNotNull();
        return java.util.Objects.requireNonNull(holdup);
    }

    private Standing standing() {
        return host.reconciler.standing(APP).orElseThrow();
    }

    private Alias alias() {
        return host.deployment.aliases().find(APP).orElseThrow();
    }

    private List<String> events() {
        return host.history.events(Fact.Subject.ALIAS, APP.toString());
    }
}
