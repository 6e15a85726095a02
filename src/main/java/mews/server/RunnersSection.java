package mews.server;

/// Reads `[runners]` of `mews.toml`.
final class RunnersSection {
    private static final int MEMORY_MB = 1000;
    private static final int AHEAD = 2;

    private RunnersSection() {}

    static ServerConfig.Runners read(Section section) {
        int memory = section.integer("warm_memory_mb", MEMORY_MB, 0, 1_000_000);
        int ahead = section.integer("forks_ahead", AHEAD, 0, 100);
        section.refuseUnknown();
        return new ServerConfig.Runners(memory * 1_000_000L, ahead);
    }
}
