package mews.dispatch;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import mews.fleet.FleetListener;
import mews.model.RunnerView;

/// Websockets and streams, which may never end by themselves: a runner that drains waits for them
/// for a while of their own, and then they are ended. Thread-safe. protocol: platform 6
final class OpenEnded implements FleetListener {
    /// A call that is told when its runner waits no longer, on the thread it lives on.
    record Call(Context context, Runnable end) {
        void tell() {
            context.runOnContext(done -> end.run());
        }
    }

    private final Vertx vertx;
    private final Duration patience;
    private final Map<UUID, Set<Call>> calls = new ConcurrentHashMap<>();

    /// Runners that drain, each with the moment (`System.nanoTime`) at which its patience ends.
    private final Map<UUID, Long> draining = new ConcurrentHashMap<>();

    OpenEnded(Vertx vertx, Duration patience) {
        this.vertx = vertx;
        this.patience = patience;
    }

    /// A call that found its runner draining for too long already is told at once.
    void add(UUID runner, Call call) {
        calls.computeIfAbsent(runner, first -> ConcurrentHashMap.newKeySet()).add(call);
        Long end = draining.get(runner);
        if (end != null && System.nanoTime() - end >= 0) {
            endAll(runner);
        }
    }

    void remove(UUID runner, Call call) {
        calls.computeIfPresent(
                runner,
                (id, known) -> {
                    known.remove(call);
                    return known.isEmpty() ? null : known;
                });
    }

    @Override
    public void draining(RunnerView runner) {
        draining.put(runner.id(), System.nanoTime() + patience.toNanos());
        vertx.setTimer(Math.max(1, patience.toMillis()), fired -> endAll(runner.id()));
    }

    @Override
    public void stopped(RunnerView runner) {
        draining.remove(runner.id());
        calls.remove(runner.id());
    }

    private void endAll(UUID runner) {
        Set<Call> held = calls.remove(runner);
        if (held != null) {
            held.forEach(Call::tell);
        }
    }
}
