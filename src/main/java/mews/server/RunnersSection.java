package mews.server;

import java.time.Duration;

/// Reads `[runners]` of `mews.toml`.
final class RunnersSection {
    private static final int MEMORY_MB = 1000;
    private static final int AHEAD = 2;
    private static final int STREAM_DRAIN = 300;

    private RunnersSection() {}

    static ServerConfig.Runners read(Section section) {
        int memory = section.integer("warm_memory_mb", MEMORY_MB, 0, 1_000_000);
        int ahead = section.integer("forks_ahead", AHEAD, 0, 100);
        int drain = section.integer("stream_drain_seconds", STREAM_DRAIN, 0, 86_400);
        section.refuseUnknown();
        return new ServerConfig.Runners(memory * 1_000_000L, ahead, Duration.ofSeconds(drain));
    }
}
