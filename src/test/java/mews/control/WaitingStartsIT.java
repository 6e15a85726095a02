package mews.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import mews.model.Alias;
import mews.model.AppName;
import mews.scale.Holdup;
import mews.scale.Load;
import mews.scale.Standing;
import mews.wire.proto.ListAliasRunnersRequest;
import mews.wire.proto.ListRunnersRequest;
import mews.wire.proto.RunnerInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Runners that cannot be started yet are listed with why. protocol: platform 1
class WaitingStartsIT {
    private static final AppName HELLO = new AppName(ControlFixture.ACCOUNT, "hello");

    private final ControlFixture fixture = new ControlFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void showsOneForEachRunnerThatIsMissing() {
        fixture.grpc()
                .registerApplication(Requests.registration("hello").build())
                .forEachRemaining(message -> {});
        Instant now = Instant.now();
        Alias alias = fixture.deployment.aliases().find(HELLO).orElseThrow();
        Load load = new Load(0, List.of(now, now), 0, 0, 0, List.of());

        stand(
                new Standing(
                        alias,
                        load,
                        0,
                        0,
                        0,
                        new Holdup("backoff", "setup() failed", now, null),
                        now));
        List<RunnerInfo> held = waiting(true);
        assertThat(held).hasSize(2);
        assertThat(held)
                .extracting(RunnerInfo::getState)
                .containsOnly(RunnerInfo.State.FAILURE_DELAY);
        assertThat(held).extracting(RunnerInfo::getRunnerId).doesNotHaveDuplicates();
        assertThat(held.getFirst().getExternalMetadata().getFieldsOrThrow("waits_for"))
                .hasToString("string_value: \"setup() failed\"\n");

        stand(
                new Standing(
                        alias, load, 0, 0, 0, new Holdup("no_room", "S is full", now, null), now));
        assertThat(waiting(true))
                .extracting(RunnerInfo::getState)
                .containsOnly(RunnerInfo.State.PENDING);
        assertThat(waiting(false)).isEmpty();
        assertThat(
                        fixture.grpc()
                                .listRunners(
                                        ListRunnersRequest.newBuilder()
                                                .setListPending(true)
                                                .build())
                                .getRunnersList())
                .extracting(RunnerInfo::getAlias)
                .contains("hello");

        stand(new Standing(alias, load, 0, 0, 0, null, now));
        assertThat(waiting(true)).isEmpty();
    }

    private void stand(Standing standing) {
        fixture.standings.put(HELLO, standing);
    }

    /// Without those that the fake fleet has.
    private List<RunnerInfo> waiting(boolean pending) {
        return fixture
                .grpc()
                .listAliasRunners(
                        ListAliasRunnersRequest.newBuilder()
                                .setAlias("hello")
                                .setListPending(pending)
                                .build())
                .getRunnersList()
                .stream()
                .filter(info -> info.getExternalMetadata().containsFields("waits_for"))
                .toList();
    }
}
