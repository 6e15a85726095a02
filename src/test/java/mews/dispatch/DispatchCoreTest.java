package mews.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import mews.dispatch.Event.Hint;
import mews.model.AppName;
import mews.model.ErrorType;
import org.junit.jupiter.api.Test;

class DispatchCoreTest {
    private static final AppName APP = new AppName("ada", "hello");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final UUID REVISION = id(100);
    private static final UUID FIRST = id(1);
    private static final UUID SECOND = id(2);

    private final DispatchCore core = new DispatchCore();

    private static UUID id(int number) {
        return new UUID(0, number);
    }

    private List<Action> on(Event event) {
        return core.on(event).stream()
                .filter(action ->
                        !(action instanceof Action.Busy || action instanceof Action.Demanded))
                .toList();
    }

    private List<Action> all(Event... events) {
        return Stream.of(events).flatMap(event -> on(event).stream()).toList();
    }

    private static Event admit(int request) {
        return admit(request, null);
    }

    private static Event admit(int request, String hint) {
        return new Event.Admit(id(request), APP, NOW, NOW.plusSeconds(60), hint);
    }

    private static Event opened(UUID runner, int slots) {
        return new Event.Opened(runner, APP, REVISION, slots);
    }

    private static Event serving() {
        return new Event.Serving(APP, REVISION);
    }

    private static Event.Claimed claimed(int leasable, String... hints) {
        return new Event.Claimed(APP, Arrays.stream(hints).map(Hint::new).toList(), leasable);
    }

    @Test
    void letsACallWaitForARunnerAndAdmitsItWhenOneIsReady() {
        assertThat(all(serving(), admit(10))).containsExactly(new Action.Waits(id(10), 0));

        assertThat(on(opened(FIRST, 1))).containsExactly(new Action.Admitted(id(10), 1, FIRST));
    }

    @Test
    void goesRoundTheRunnersAndReusesFreedSlots() {
        all(serving(), opened(FIRST, 1), opened(SECOND, 1));

        assertThat(all(admit(10), admit(11), admit(12)))
                .containsExactly(
                        new Action.Admitted(id(10), 1, FIRST),
                        new Action.Admitted(id(11), 2, SECOND),
                        new Action.Waits(id(12), 2));
        assertThat(on(new Event.Freed(2))).containsExactly(new Action.Admitted(id(12), 3, SECOND));
        assertThat(on(new Event.Freed(2))).isEmpty();
    }

    @Test
    void servesDirectCallsBeforeTheQueue() {
        all(serving(), opened(FIRST, 1), admit(10), new Event.Work(APP, 5), admit(11));

        assertThat(on(new Event.Freed(1))).containsExactly(new Action.Admitted(id(11), 2, FIRST));
        assertThat(on(new Event.Freed(2))).containsExactly(new Action.Claim(APP, 1));
    }

    @Test
    void keepsSlotsForAClaimAndGivesBackWhatItDidNotUse() {
        all(serving(), opened(FIRST, 3));
        assertThat(on(new Event.Work(APP, 2))).containsExactly(new Action.Claim(APP, 2));
        assertThat(all(admit(10), admit(11)))
                .containsExactly(
                        new Action.Admitted(id(10), 1, FIRST), new Action.Waits(id(11), 1));

        assertThat(on(claimed(0, (String) null)))
                .containsExactly(
                        new Action.Run(APP, 0, 2, FIRST), new Action.Admitted(id(11), 3, FIRST));
    }

    @Test
    void givesLeasesBackWhoseRunnerWentAwayMeanwhile() {
        all(serving(), opened(FIRST, 2), new Event.Work(APP, 2), new Event.Gone(FIRST));

        assertThat(on(claimed(0, null, null)))
                .containsExactly(new Action.GiveBack(APP, 0), new Action.GiveBack(APP, 1));
    }

    @Test
    void givesNothingToClosedRunnersOrOtherRevisions() {
        all(serving(), opened(FIRST, 1), new Event.Closed(FIRST));
        assertThat(on(admit(10))).containsExactly(new Action.Waits(id(10), 1));
        assertThat(on(new Event.Opened(SECOND, APP, id(101), 1))).isEmpty();

        assertThat(on(new Event.Serving(APP, id(101))))
                .containsExactly(new Action.Admitted(id(10), 1, SECOND));
    }

    @Test
    void prefersTheRunnerThatReportedTheHintButNeverWaitsForIt() {
        all(serving(), opened(FIRST, 1), opened(SECOND, 1));
        all(new Event.Reported(SECOND, List.of("lora-a", "lora-b")));

        assertThat(all(admit(10, "lora-b"), admit(11, "lora-b")))
                .containsExactly(
                        new Action.Admitted(id(10), 1, SECOND),
                        new Action.Admitted(id(11), 2, FIRST));
    }

    @Test
    void takesARunnerThatReportedNothingBeforeOneWithOtherHints() {
        all(serving(), opened(FIRST, 1), opened(SECOND, 1));
        all(new Event.Reported(FIRST, List.of("other")), new Event.Reported(SECOND, List.of()));

        assertThat(on(admit(10, "wanted"))).containsExactly(new Action.Admitted(id(10), 1, SECOND));
    }

    @Test
    void refusesCallsWhoseDeadlinePassedAndThoseOfRemovedApps() {
        all(serving(), admit(10));
        assertThat(on(new Event.Tick(NOW.plusSeconds(59)))).isEmpty();
        assertThat(on(new Event.Tick(NOW.plusSeconds(60))))
                .containsExactly(new Action.Refused(id(10), ErrorType.STARTUP_TIMEOUT));

        on(admit(11));
        assertThat(on(new Event.Serving(APP, null)))
                .containsExactly(new Action.Refused(id(11), ErrorType.RUNNER_SCHEDULING_FAILURE));
        assertThat(core.demands()).isEmpty();
    }

    @Test
    void forgetsCallersThatWentAway() {
        all(serving(), admit(10), new Event.Abandon(id(10)));

        assertThat(on(opened(FIRST, 1))).isEmpty();
        assertThat(core.demands()).isEmpty();
    }
}
