package mews.reconcile;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import mews.history.History;
import mews.model.Alias;
import mews.model.AppName;
import mews.model.Fact;
import mews.model.ScalePolicy;
import mews.scale.Holdup;
import org.jspecify.annotations.Nullable;

/// What is decided about apps, kept as facts once per change: a reason that holds for an hour is
/// one fact, not thousands. Thread-safe.
final class Diary {
    private final History history;
    private final InstantSource clock;
    private final Map<AppName, Holdup> holdups = new ConcurrentHashMap<>();
    private final Map<AppName, Alias> aliases = new ConcurrentHashMap<>();

    Diary(History history, InstantSource clock) {
        this.history = history;
        this.clock = clock;
    }

    /// A runner is wanted and cannot be started now.
    ///
    /// @param kind `backoff`, `no_room` or `environment`
    /// @param until before which no start is tried; null = each look tries
    void heldUp(AppName app, String kind, String reason, @Nullable Instant until) {
        Holdup before = holdups.get(app);
        @Nullable Instant since =
                before != null && before.kind().equals(kind) && before.reason().equals(reason)
                        ? before.since()
                        : null;
        Holdup holdup = new Holdup(kind, reason, since == null ? clock.instant() : since, until);
        holdups.put(app, holdup);
        if (since == null) {
            record(app, kind, Map.of("reason", holdup.text()));
        }
    }

    /// Nothing holds starts up any more, or none is wanted.
    void free(AppName app) {
        Holdup before = holdups.remove(app);
        if (before != null) {
            record(app, "unblocked", Map.of("was", before.kind()));
        }
    }

    @Nullable Holdup holdup(AppName app) {
        return holdups.get(app);
    }

    void started(AppName app, UUID runner, String machineType, String why) {
        record(
                app,
                "runner_started",
                Map.of("runner", runner.toString(), "machine_type", machineType, "why", why));
    }

    void promoted(AppName app, UUID revision) {
        record(app, "revision_took_over", Map.of("revision", revision.toString()));
    }

    void abandoned(AppName app, UUID revision, String reason) {
        record(app, "revision_given_up", Map.of("revision", revision.toString(), "reason", reason));
    }

    /// What the app runs with, when that is new.
    void runsWith(Alias alias) {
        Alias before = aliases.put(alias.app(), alias);
        if (alias.equals(before)) {
            return;
        }
        Map<String, String> now = settings(alias);
        if (before == null || !now.equals(settings(before))) {
            record(alias.app(), "settings", now);
        }
    }

    /// Whether nothing holds the app up and what it runs with is written down.
    boolean hasNothingToAdd(Alias alias) {
        return !holdups.containsKey(alias.app()) && alias.equals(aliases.get(alias.app()));
    }

    /// The app is gone.
    void forget(AppName app) {
        holdups.remove(app);
        aliases.remove(app);
    }

    private static Map<String, String> settings(Alias alias) {
        ScalePolicy scale = alias.scale();
        Map<String, String> all = new TreeMap<>();
        all.put("min_concurrency", Integer.toString(scale.minConcurrency()));
        all.put("max_concurrency", Integer.toString(scale.maxConcurrency()));
        all.put("max_multiplexing", Integer.toString(scale.maxMultiplexing()));
        all.put("concurrency_buffer", Integer.toString(scale.concurrencyBuffer()));
        all.put("concurrency_buffer_perc", Integer.toString(scale.concurrencyBufferPerc()));
        all.put("scaling_delay", Long.toString(scale.scalingDelay().toSeconds()));
        all.put("keep_alive", Long.toString(scale.keepAlive().toSeconds()));
        all.put("request_timeout", Long.toString(alias.requestTimeout().toSeconds()));
        all.put("startup_timeout", Long.toString(alias.startupTimeout().toSeconds()));
        all.put("machine_types", String.join(",", alias.machineTypes()));
        all.put("revision", alias.serving().toString());
        return all;
    }

    private void record(AppName app, String event, Map<String, String> details) {
        history.record(
                new Fact(clock.instant(), Fact.Subject.ALIAS, app.toString(), app, event, details));
    }
}
