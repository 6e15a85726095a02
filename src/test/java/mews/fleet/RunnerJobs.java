package mews.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.UUID;
import java.util.concurrent.TimeUnit;
import mews.fleet.FleetFixture.Job;
import mews.model.RunnerView;
import mews.model.StopReason;
import mews.model.StopReason.Code;
import org.junit.jupiter.api.Test;

/// What is true of jobs, which run one function and end.
interface RunnerJobs {
    @Test
    default void anAppMayEndItsServerOnceItHasServed() {
        assumeTrue(FleetIT.host.sandbox.separateNetwork());
        UUID id = FleetIT.host.start(Wish.function("serves_once").port(8000));
        RunnerView runner = FleetIT.host.ready(id);
        FleetIT.host.fleet.inFlight(id, 1);

        assertThat(FleetIT.host.raw(runner, "GET", "/", "", "")).isEqualTo("once");

        assertThat(FleetIT.host.end(id))
                .isEqualTo(new StopReason(Code.FINISHED, "its server ended by itself"));
    }

    @Test
    default void aJobHandsOverItsResult() throws Exception {
        Job job = new Job();
        UUID id = FleetIT.host.start(Wish.function("add").job(job));

        JobListener.Outcome outcome = job.outcome.get(90, TimeUnit.SECONDS);

        assertThat(outcome.raised()).isFalse();
        assertThat(new String(outcome.definition(), java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("K\u0002.");
        assertThat(FleetIT.host.end(id).code()).isEqualTo(Code.FINISHED);
        assertThat(FleetIT.host.stopped(id).slots()).isZero();
        assertThat(job.failure).isNotDone();
    }

    @Test
    default void aJobHandsOverWhatItRaised() throws Exception {
        Job job = new Job();
        FleetIT.host.start(Wish.function("fails").job(job));

        JobListener.Outcome outcome = job.outcome.get(90, TimeUnit.SECONDS);

        assertThat(outcome.raised()).isTrue();
        assertThat(outcome.traceback()).contains("ValueError: it broke");
    }

    @Test
    default void aJobWithoutAResultFailsWithTheReason() throws Exception {
        Job job = new Job();
        FleetIT.host.start(Wish.function("unpicklable").job(job));

        assertThat(job.failure.get(90, TimeUnit.SECONDS).detail())
                .contains("of type lock, which cannot be pickled");
        assertThat(job.outcome).isNotDone();
    }

    @Test
    default void aKilledJobFailsWithTheReason() throws Exception {
        Job job = new Job();
        UUID id = FleetIT.host.start(Wish.function("endless").job(job));
        FleetIT.host.awaitLine("running");

        FleetIT.host.fleet.kill(id, StopReason.of(Code.KILLED));

        assertThat(job.failure.get(90, TimeUnit.SECONDS).code()).isEqualTo(Code.KILLED);
    }
}
