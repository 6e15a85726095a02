package mews.gateway;

import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import mews.history.History;
import mews.model.ErrorType;
import mews.model.Fact;
import org.jspecify.annotations.Nullable;

/// The facts of direct calls, from which it is told later where one spent its life.
final class CallHistory {
    private final History history;
    private final InstantSource clock;

    CallHistory(History history, InstantSource clock) {
        this.history = history;
        this.clock = clock;
    }

    void received(SyncCall.Facts call, String method) {
        record(call, "received", Map.of("method", method, "kind", "sync"));
    }

    void admitted(SyncCall.Facts call, UUID runner) {
        record(call, "admitted", Map.of("runner", runner.toString(), "attempt", "1"));
    }

    void firstByte(SyncCall.Facts call) {
        record(call, "first_byte", Map.of());
    }

    /// @param runner null if it never had one
    void ended(SyncCall.Facts call, @Nullable UUID runner, int status, @Nullable ErrorType error) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("status", Integer.toString(status));
        if (runner != null) {
            details.put("runner", runner.toString());
        }
        if (error != null) {
            details.put("error_type", error.wireName());
        }
        record(call, "finished", details);
    }

    private void record(SyncCall.Facts call, String event, Map<String, String> details) {
        history.record(
                new Fact(
                        clock.instant(),
                        Fact.Subject.REQUEST,
                        call.id().toString(),
                        call.route().app(),
                        event,
                        details));
    }
}
