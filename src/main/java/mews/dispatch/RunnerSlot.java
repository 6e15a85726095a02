package mews.dispatch;

import io.vertx.core.Context;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import mews.model.RunnerView;
import org.jspecify.annotations.Nullable;

/// A slot that was given out.
final class RunnerSlot implements Dispatcher.Slot {
    /// What a slot does to the world.
    interface Desk {
        void freed(RunnerSlot slot);

        void reported(UUID runner, List<String> hints);

        /// @param why for people
        void fate(UUID runner, RunnerFate fate, String why);

        void cancel(RunnerSlot slot, String path);

        void openEnded(UUID runner, OpenEnded.Call call);

        void ended(UUID runner, OpenEnded.Call call);
    }

    private final long number;
    private final UUID request;
    private final RunnerView runner;
    private final String socketPath;
    private final Desk desk;
    private final long given = System.nanoTime();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile OpenEnded.@Nullable Call openEnded;

    RunnerSlot(long number, UUID request, RunnerView runner, String socketPath, Desk desk) {
        this.number = number;
        this.request = request;
        this.runner = runner;
        this.socketPath = socketPath;
        this.desk = desk;
    }

    long number() {
        return number;
    }

    long heldNanos() {
        return System.nanoTime() - given;
    }

    UUID request() {
        return request;
    }

    @Override
    public RunnerView runner() {
        return runner;
    }

    @Override
    public String socketPath() {
        return socketPath;
    }

    @Override
    public void answered(int status, Function<String, @Nullable String> header) {
        String hints = header.apply(AppHeaders.RUNNER_HINTS);
        if (hints != null) {
            desk.reported(runner.id(), split(hints));
        }
        RunnerFate fate = RunnerFate.of(status, header);
        if (!fate.equals(RunnerFate.KEEP)) {
            desk.fate(runner.id(), fate, "its answer to a request was %d".formatted(status));
        }
    }

    private static List<String> split(String hints) {
        return Arrays.stream(hints.split(","))
                .map(String::strip)
                .filter(hint -> !hint.isEmpty())
                .toList();
    }

    @Override
    public void cancel(String path) {
        desk.cancel(this, path);
    }

    @Override
    public void mayStayOpen(Context context, Runnable end) {
        OpenEnded.Call call = new OpenEnded.Call(context, end);
        openEnded = call;
        desk.openEnded(runner.id(), call);
    }

    @Override
    public void close(boolean healthy) {
        if (closed.compareAndSet(false, true)) {
            OpenEnded.Call call = openEnded;
            if (call != null) {
                desk.ended(runner.id(), call);
            }
            // Before the slot is free, or the next request would get it.
            if (!healthy) {
                String why = "a request on it exceeded request_timeout or lost its connection";
                desk.fate(runner.id(), RunnerFate.STOP, why);
            }
            desk.freed(this);
        }
    }
}
