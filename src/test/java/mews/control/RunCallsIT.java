package mews.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Future;
import mews.fleet.JobListener;
import mews.fleet.RunnerOrder;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.LogLine;
import mews.model.Route;
import mews.model.StopReason;
import mews.wire.proto.HostedRunResult;
import mews.wire.proto.HostedRunStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunCallsIT extends ControlCalls {
    @Test
    void aRunServesUntilItsCallerLeaves() {
        Context.CancellableContext call = Context.current().withCancellation();
        Iterator<HostedRunResult> results =
                callIn(call, () -> fixture.grpc().run(Requests.run("my_app").build()));
        HostedRunResult first = untilUrls(results);

        AppName app = appOf(first);
        Route route = fixture.deployment.routes().find(app);
        assertThat(app.alias()).matches("my-app-[a-z0-9]{6}");
        assertThat(route).isNotNull();
        assertThat(route.alias().auth()).isEqualTo(AuthMode.PUBLIC);
        assertThat(route.alias().scale().minConcurrency()).isEqualTo(1);

        fixture.logs.append(line(app, "hello from setup"));
        assertThat(untilLogs(results).getLogs(0).getMessage()).isEqualTo("hello from setup");

        call.cancel(null);

        await().until(() -> fixture.deployment.routes().find(app) == null);
    }

    @Test
    void aRunWhoseRunnerCannotStartFailsWithTheCause() {
        Iterator<HostedRunResult> results = fixture.grpc().run(Requests.run("hello").build());
        AppName app = appOf(untilUrls(results));
        UUID runner = start(app);

        fixture.fleet.stop(
                runner,
                new StopReason(StopReason.Code.SETUP_FAILED, "setup() raised KeyError: 'model'"));

        assertStatus(
                () -> all(results),
                Status.Code.FAILED_PRECONDITION,
                "setup() raised KeyError: 'model'");
        await().until(() -> fixture.deployment.routes().find(app) == null);
    }

    @Test
    void aRunEndsWellWhenItsServerStopsByItself() {
        Iterator<HostedRunResult> results = fixture.grpc().run(Requests.run("hello").build());
        AppName app = appOf(untilUrls(results));
        UUID runner = start(app);
        fixture.fleet.ready(runner);

        fixture.fleet.stop(runner, StopReason.of(StopReason.Code.FINISHED));

        assertThat(all(results).getLast().getStatus().getState())
                .isEqualTo(HostedRunStatus.State.SUCCESS);
    }

    @Test
    void aFunctionReturnsItsValueAndMakesNoApp() throws Exception {
        Iterator<HostedRunResult> results = fixture.grpc().run(Requests.function("add").build());
        Future<List<HostedRunResult>> all = threads.submit(() -> all(results));
        RunnerOrder order = job();
        fixture.logs.append(line(order.revision().app(), "adding"));

        finish(order, new JobListener.Outcome("cloudpickle", new byte[] {42}, false, null));

        List<HostedRunResult> messages = all.get();
        HostedRunResult last = messages.getLast();
        assertThat(last.getStatus().getState()).isEqualTo(HostedRunStatus.State.SUCCESS);
        assertThat(last.getReturnValue().getDefinition())
                .isEqualTo(ByteString.copyFrom(new byte[] {42}));
        assertThat(messages.stream().flatMap(message -> message.getLogsList().stream()))
                .anyMatch(log -> log.getMessage().equals("adding"));
        assertThat(order.slots()).isZero();
        assertThat(fixture.deployment.routes().all()).isEmpty();
    }

    @Test
    void aFunctionThatRaisesReturnsItsException() throws Exception {
        Future<List<HostedRunResult>> all =
                threads.submit(() -> all(fixture.grpc().run(Requests.function("add").build())));

        finish(job(), new JobListener.Outcome("cloudpickle", new byte[] {1}, true, "Traceback"));

        HostedRunResult last = all.get().getLast();
        assertThat(last.getReturnValue().getWasItRaised()).isTrue();
        assertThat(last.getReturnValue().getStringizedTraceback()).isEqualTo("Traceback");
    }

    @Test
    void aBigResultFits() throws Exception {
        Future<List<HostedRunResult>> all =
                threads.submit(() -> all(fixture.grpc().run(Requests.function("big").build())));

        finish(
                job(),
                new JobListener.Outcome("cloudpickle", new byte[8 * 1024 * 1024], false, null));

        assertThat(all.get().getLast().getReturnValue().getDefinition().size())
                .isEqualTo(8 * 1024 * 1024);
    }

    @Test
    void theMetadataProbeOfAnEntryPointIsAFunction() throws Exception {
        Future<List<HostedRunResult>> all =
                threads.submit(() ->
                        all(
                                fixture.grpc()
                                        .run(
                                                Requests.run("pkg.mod:App.build_metadata")
                                                        .setEntrypoint("pkg.mod:App.build_metadata")
                                                        .build())));

        RunnerOrder order = job();
        assertThat(order.revision().spec().served()).isFalse();
        assertThat(order.revision().app().alias()).startsWith("app-");
        finish(order, new JobListener.Outcome("cloudpickle", new byte[] {1}, false, null));
        all.get();
        assertThat(fixture.deployment.routes().all()).isEmpty();
    }

    @Test
    void hangingUpStopsTheRunnerOfAFunction() {
        Context.CancellableContext call = Context.current().withCancellation();
        callIn(call, () -> fixture.grpc().run(Requests.function("slow").build()));
        job();

        call.cancel(null);

        await().until(() -> fixture.fleet.live().isEmpty());
    }

    private RunnerOrder job() {
        await().until(() -> !fixture.fleet.orders.isEmpty());
        return fixture.fleet.orders.values().iterator().next();
    }

    private void finish(RunnerOrder order, JobListener.Outcome outcome) {
        UUID runner = fixture.fleet.of(order.revision().app()).orElseThrow();
        order.job().finished(outcome);
        fixture.fleet.stop(runner, StopReason.of(StopReason.Code.FINISHED));
    }

    private static HostedRunResult untilUrls(Iterator<HostedRunResult> results) {
        HostedRunResult next = results.next();
        while (!next.hasServiceUrls()) {
            next = results.next();
        }
        return next;
    }

    private static HostedRunResult untilLogs(Iterator<HostedRunResult> results) {
        HostedRunResult next = results.next();
        while (next.getLogsCount() == 0) {
            next = results.next();
        }
        return next;
    }

    private static AppName appOf(HostedRunResult result) {
        String[] parts = result.getServiceUrls().getRun().split("/");
        return new AppName(parts[parts.length - 2], parts[parts.length - 1]);
    }

    private static LogLine line(AppName app, String message) {
        return new LogLine(
                Instant.now(),
                LogLine.Level.STDOUT,
                LogLine.Source.USER,
                app.owner(),
                app,
                null,
                null,
                null,
                message);
    }
}
