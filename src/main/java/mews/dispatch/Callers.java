package mews.dispatch;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import mews.history.History;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.Fact;

/// Direct calls between asking for a slot and hearing about it. Thread-safe.
final class Callers {
    private static final class Caller {
        final Promise<Dispatcher.Slot> promise = Promise.promise();
        final Context context;
        final AppName app;
        final Instant arrived;

        Caller(Context context, AppName app, Instant arrived) {
            this.context = context;
            this.app = app;
            this.arrived = arrived;
        }
    }

    private final Vertx vertx;
    private final History history;
    private final InstantSource clock;
    private final Map<UUID, Caller> callers = new ConcurrentHashMap<>();

    Callers(Vertx vertx, History history, InstantSource clock) {
        this.vertx = vertx;
        this.history = history;
        this.clock = clock;
    }

    Future<Dispatcher.Slot> add(UUID request, AppName app, Instant arrived) {
        Caller caller = new Caller(vertx.getOrCreateContext(), app, arrived);
        callers.put(request, caller);
        return caller.promise.future();
    }

    boolean remove(UUID request) {
        return callers.remove(request) != null;
    }

    void waits(UUID request, int runners) {
        Caller caller = callers.get(request);
        if (caller != null) {
            String forWhat = runners == 0 ? "runner" : "slot";
            say(caller, request, "waiting", Map.of("for", forWhat, "runners", "" + runners));
        }
    }

    /// @return false if nobody waits for it any more
    boolean admitted(UUID request, Dispatcher.Slot slot) {
        Caller caller = callers.remove(request);
        if (caller == null) {
            return false;
        }
        caller.context.runOnContext(done -> caller.promise.complete(slot));
        return true;
    }

    void refused(UUID request, ErrorType why) {
        refuse(request, why, caller -> message(caller, why));
    }

    private void refuse(UUID request, ErrorType why, Function<Caller, String> message) {
        Caller caller = callers.remove(request);
        if (caller != null) {
            var reason = new Dispatcher.NotAdmitted(why, message.apply(caller));
            caller.context.runOnContext(done -> caller.promise.fail(reason));
        }
    }

    /// Refuses all that wait now, as the server stops.
    void close() {
        callers.keySet().forEach(this::refuseAtStop);
    }

    void refuseAtStop(UUID request) {
        refuse(
                request,
                ErrorType.RUNNER_SCHEDULING_FAILURE,
                caller -> "the server is stopping; try again in a moment");
    }

    private String message(Caller caller, ErrorType why) {
        Duration waited = Duration.between(caller.arrived, clock.instant());
        return switch (why) {
            case STARTUP_TIMEOUT ->
                    ("no runner of '%s' had room within %d s: none became ready, or all were busy; its"
                                    + " log says which (raise startup_timeout or max_concurrency)")
                            .formatted(caller.app, waited.toSeconds());
            case RUNNER_SCHEDULING_FAILURE ->
                    "'%s' was removed while the request waited for a runner".formatted(caller.app);
            default -> "the request cannot be given to a runner";
        };
    }

    private void say(Caller caller, UUID request, String event, Map<String, String> details) {
        history.record(
                new Fact(
                        clock.instant(),
                        Fact.Subject.REQUEST,
                        request.toString(),
                        caller.app,
                        event,
                        details));
    }
}
