package mews.gateway;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import mews.history.History;
import mews.model.AppName;
import mews.model.ErrorType;
import mews.model.Fact;
import org.jspecify.annotations.Nullable;

/// Where one direct call spent its life, told as one fact when it ends: a row for each step would
/// cost more than the call. One that waits is told of by the dispatcher meanwhile. Confined to the
/// event loop of the call.
final class CallHistory {
    private final History history;
    private final InstantSource clock;
    private final UUID call;
    private final AppName app;
    private final Map<String, String> details = new LinkedHashMap<>();

    /// @param kind `sync` or `websocket`
    CallHistory(
            History history, InstantSource clock, SyncCall.Facts call, String kind, String method) {
        this.history = history;
        this.clock = clock;
        this.call = call.id();
        this.app = call.route().app();
        details.put("kind", kind);
        details.put("method", method);
        reached("received");
    }

    void admitted(UUID runner) {
        reached("admitted");
        details.put("runner", runner.toString());
        details.put("attempt", "1");
    }

    void firstByte() {
        reached("first_byte");
    }

    void ended(int status, @Nullable ErrorType error) {
        details.put("status", Integer.toString(status));
        if (error != null) {
            details.put("error_type", error.wireName());
        }
        record("finished", details);
    }

    /// For a call that may stay open for hours: what is known of it now.
    void open() {
        record("open", details);
    }

    private void reached(String step) {
        details.put(step, clock.instant().toString());
    }

    private void record(String event, Map<String, String> known) {
        Instant now = clock.instant();
        history.record(
                new Fact(
                        now, Fact.Subject.REQUEST, call.toString(), app, event, Map.copyOf(known)));
    }
}
