package mews.project;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;

/// What the platform does where neither file nor class says. protocol: control 2.6, 4.6
final class AppDefaults {
    static final String MACHINE_TYPE = "XS";
    static final int MIN_CONCURRENCY = 0;
    static final int MAX_CONCURRENCY = 2;
    static final int MAX_MULTIPLEXING = 1;
    static final int KEEP_ALIVE = 10;
    static final int REQUEST_TIMEOUT = 3600;
    static final int STARTUP_TIMEOUT = 600;
    static final int GRACE = 5;
    static final int SERVE_PORT = 8080;
    static final int METRICS_PORT = 9090;
    static final int START_PERIOD = 30;
    static final int CHECK_TIMEOUT = 5;
    static final int FAILURES = 3;
    // protocol: control 4.5
    static final List<String> FILES_IGNORE =
            List.of("\\.pyc$", "__pycache__/", "\\.git/", "\\.DS_Store$");

    private AppDefaults() {}

    /// Where it listens: an entry point on 8080 unless it says otherwise; an image only where it
    /// says. For a `ref` app the class decides.
    static @Nullable Integer exposedPort(ProjectApp app) {
        Integer port = app.serving().exposedPort();
        return port == null && app.target() instanceof Target.EntryPoint
                ? (Integer) SERVE_PORT
                : port;
    }

    /// Where its metrics are: beside a port that Python code serves.
    static @Nullable Integer metricsPort(ProjectApp app) {
        Integer port = app.serving().metricsPort();
        boolean serves = exposedPort(app) != null && !(app.target() instanceof Target.ImageOnly);
        return port == null && serves ? (Integer) METRICS_PORT : port;
    }

    /// As on the wire: condition to `{"retries": n}`, keys sorted. protocol: control 2.3
    static Map<String, Map<String, Integer>> retryConfig(Map<RetryCondition, Integer> retries) {
        Map<String, Map<String, Integer>> config = new TreeMap<>();
        retries.forEach((condition, count) ->
                config.put(condition.name().toLowerCase(Locale.ROOT), Map.of("retries", count)));
        return config;
    }
}
