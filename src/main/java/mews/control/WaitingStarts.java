package mews.control;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import mews.model.Alias;
import mews.model.AppName;
import mews.scale.Autoscaler;
import mews.scale.Holdup;
import mews.scale.Standing;
import mews.wire.proto.RunnerInfo;

/// Runners that an app should have and that cannot be started yet, as lists show them: waiting for
/// hardware, or held back because earlier starts failed. protocol: platform 1
final class WaitingStarts {
    private final Function<AppName, Optional<Standing>> standings;

    WaitingStarts(Function<AppName, Optional<Standing>> standings) {
        this.standings = standings;
    }

    /// @return one for each runner that is missing
    List<RunnerInfo> of(AppName app) {
        Standing standing = standings.apply(app).orElse(null);
        Holdup holdup = standing == null ? null : standing.holdup();
        if (standing == null || holdup == null) {
            return List.of();
        }
        Alias alias = standing.alias();
        int wanted = Autoscaler.target(alias.scale(), standing.load(), standing.at());
        List<RunnerInfo> infos = new ArrayList<>();
        for (int i = 0; i < wanted - standing.load().runners(); i++) {
            infos.add(info(alias, holdup, i, standing.at()));
        }
        return infos;
    }

    /// It has no process that could be stopped, so its id only tells rows apart.
    private static RunnerInfo info(Alias alias, Holdup holdup, int number, Instant now) {
        String name = "%s %s %d".formatted(alias.app(), holdup.kind(), number);
        boolean backoff = holdup.kind().equals("backoff");
        return RunnerInfo.newBuilder()
                .setRunnerId(
                        UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString())
                .setUptime(Math.max(0, Duration.between(holdup.since(), now).toMillis()) / 1000f)
                .setRevision(alias.serving().toString())
                .setAlias(alias.app().alias())
                .setState(backoff ? RunnerInfo.State.FAILURE_DELAY : RunnerInfo.State.PENDING)
                .setReplacement(RunnerInfo.ReplaceState.NO_REPLACE)
                .setMachineType(alias.machineTypes().getFirst())
                .setExternalMetadata(
                        Struct.newBuilder()
                                .putFields(
                                        "waits_for",
                                        Value.newBuilder().setStringValue(holdup.text()).build()))
                .build();
    }
}
