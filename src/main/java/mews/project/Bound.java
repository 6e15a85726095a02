package mews.project;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The bounds of every number that a project file may hold, in one place. docs/project-file.md
/// shows the same table, and a test compares the two.
public enum Bound {
    NUM_GPUS("num_gpus", 1, 8),
    MIN_CONCURRENCY("min_concurrency", 0, Integer.MAX_VALUE),
    MAX_CONCURRENCY("max_concurrency", 1, Integer.MAX_VALUE),
    MAX_MULTIPLEXING("max_multiplexing", 1, Integer.MAX_VALUE),
    CONCURRENCY_BUFFER("concurrency_buffer", 0, Integer.MAX_VALUE),
    CONCURRENCY_BUFFER_PERC("concurrency_buffer_perc", 0, Integer.MAX_VALUE),
    SCALING_DELAY("scaling_delay", 0, Integer.MAX_VALUE),
    KEEP_ALIVE("keep_alive", 0, Integer.MAX_VALUE),
    REQUEST_TIMEOUT("request_timeout", 0, Integer.MAX_VALUE),
    REQUEST_START_TIMEOUT("request_start_timeout", 0, Integer.MAX_VALUE),
    STARTUP_TIMEOUT("startup_timeout", 0, Integer.MAX_VALUE),
    GRACE("termination_grace_period_seconds", 0, 3600),
    EXPOSED_PORT("exposed_port", 1, 65535),
    METRICS_PORT("metrics_port", 1, 65535),
    START_PERIOD("start_period_seconds", 0, Integer.MAX_VALUE),
    CHECK_TIMEOUT("timeout_seconds", 0, Integer.MAX_VALUE),
    FAILURE_THRESHOLD("failure_threshold", 1, Integer.MAX_VALUE),
    RETRIES("retries", 0, Integer.MAX_VALUE);

    /// Largest project file that is read, in bytes. A file that one writes by hand stays far below.
    public static final int FILE_BYTES = 1 << 20;

    private static final Map<String, Bound> BY_FIELD =
            Arrays.stream(values())
                    .collect(Collectors.toUnmodifiableMap(Bound::field, Function.identity()));

    private final String field;
    private final int least;
    private final int most;

    Bound(String field, int least, int most) {
        this.field = field;
        this.least = least;
        this.most = most;
    }

    public String field() {
        return field;
    }

    public int least() {
        return least;
    }

    public int most() {
        return most;
    }

    /// In words: `1 to 8`, or `0 or more` where only the wire's 32 bits end it.
    public String range() {
        return most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
    }

    boolean holds(long value) {
        return value >= least && value <= most;
    }

    /// @throws IllegalArgumentException if no number goes by that name
    static Bound of(String field) {
        Bound bound = BY_FIELD.get(field);
        if (bound == null) {
            throw new IllegalArgumentException("no bound is written down for '" + field + "'");
        }
        return bound;
    }
}
