package mews.model;

import java.time.Duration;

/// How far and how fast one alias scales. Names follow the app fields of the project file.
/// protocol: platform 2.1
///
/// @param minConcurrency runners kept warm without any traffic; 0 scales to zero
/// @param maxConcurrency most runners the alias may ever have
/// @param maxMultiplexing requests one runner serves at the same time
/// @param concurrencyBuffer runners kept ready beyond the current load
/// @param concurrencyBufferPerc the same as a percentage of the runners the load needs
/// @param scalingDelay how long a request must wait before it counts as demand
/// @param keepAlive how long an idle runner stays before it may drain
/// @throws IllegalArgumentException if a number is out of range or min exceeds max
public record ScalePolicy(
        int minConcurrency,
        int maxConcurrency,
        int maxMultiplexing,
        int concurrencyBuffer,
        int concurrencyBufferPerc,
        Duration scalingDelay,
        Duration keepAlive) {
    /// What an app gets that sets nothing. protocol: control 2.6
    public static final ScalePolicy DEFAULT =
            new ScalePolicy(0, 2, 1, 0, 0, Duration.ZERO, Duration.ofSeconds(10));

    public ScalePolicy {
        Require.atLeast("min_concurrency", 0, minConcurrency);
        Require.atLeast("max_concurrency", 1, maxConcurrency);
        Require.atLeast("max_multiplexing", 1, maxMultiplexing);
        Require.atLeast("concurrency_buffer", 0, concurrencyBuffer);
        Require.atLeast("concurrency_buffer_perc", 0, concurrencyBufferPerc);
        Require.atLeast("scaling_delay", 0, scalingDelay.toSeconds());
        Require.atLeast("keep_alive", 0, keepAlive.toSeconds());
        Require.that(
                minConcurrency <= maxConcurrency,
                "min_concurrency (%d) must not exceed max_concurrency (%d)"
                        .formatted(minConcurrency, maxConcurrency));
    }
}
