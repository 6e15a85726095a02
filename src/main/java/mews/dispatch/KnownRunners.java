package mews.dispatch;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import mews.fleet.Fleet;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;

/// Where ready runners listen, and why others went. Thread-safe.
final class KnownRunners {
    private static final int MOST_ENDINGS = 10_000;
    private static final Duration NEWS_PAUSE = Duration.ofMillis(50);
    private static final int MOST_PAUSES = 40;

    /// @param socketPath of its app
    record Known(RunnerView view, String socketPath) {}

    private final Fleet fleet;
    private final Map<UUID, Known> ready = new ConcurrentHashMap<>();
    private final Map<UUID, StopReason> endings =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<UUID, StopReason> eldest) {
                    return size() > MOST_ENDINGS;
                }
            };

    KnownRunners(Fleet fleet) {
        this.fleet = fleet;
    }

    @Nullable Known find(UUID runner) {
        return ready.get(runner);
    }

    void changed(RunnerView runner) {
        StopReason ending = runner.state().leaving();
        if (ending != null) {
            synchronized (endings) {
                endings.put(runner.id(), ending);
            }
        }
        if (runner.state() instanceof RunnerState.Ready(var endpoint, var since)) {
            ready.put(runner.id(), new Known(runner, endpoint.socketPath()));
        } else if (runner.state() instanceof RunnerState.Stopped) {
            ready.remove(runner.id());
        }
    }

    /// Whether a runner went because the platform or its owner wanted it, so that requests that
    /// were on it are not to blame. May wait a moment for the news of an end that just happened.
    boolean endedByPlatform(UUID runner) {
        for (int pause = 0; pause < MOST_PAUSES; pause++) {
            Optional<RunnerView> view = fleet.find(runner);
            StopReason ending = view.map(present -> present.state().leaving()).orElse(null);
            StopReason known = ending == null ? remembered(runner) : ending;
            if (known != null) {
                return byPlatform(known.code());
            }
            if (view.isPresent()) {
                return false;
            }
            try {
                Thread.sleep(NEWS_PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    /// Whether a runner that was to finish what it had was ended before it had: its drain took
    /// longer than its deadline.
    boolean drainOverran(UUID runner) {
        Optional<RunnerView> view = fleet.find(runner);
        StopReason reason =
                view.isPresent()
                        ? view.get().state() instanceof RunnerState.Terminating terminating
                                ? terminating.reason()
                                : null
                        : remembered(runner);
        return reason != null && reason.code() == StopReason.Code.REQUEST_FAILED;
    }

    private @Nullable StopReason remembered(UUID runner) {
        synchronized (endings) {
            return endings.get(runner);
        }
    }

    private static boolean byPlatform(StopReason.Code code) {
        return switch (code) {
            case IDLE, REPLACED, REMOVED, STOPPED, KILLED, SERVER_GONE -> true;
            case FINISHED,
                    SETUP_FAILED,
                    STARTUP_TIMEOUT,
                    EXITED,
                    OUT_OF_MEMORY,
                    UNHEALTHY,
                    REQUEST_FAILED ->
                    false;
        };
    }
}
