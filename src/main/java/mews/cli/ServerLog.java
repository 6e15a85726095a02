package mews.cli;

import java.util.List;
import mews.wire.proto.Log;
import mews.wire.proto.LogLevel;
import mews.wire.proto.LogSource;

/// Log lines that come with a build, a run or a deploy. protocol: control 2.5
final class ServerLog {
    private ServerLog() {}

    static void show(List<Log> logs, Progress progress) {
        for (Log log : logs) {
            if (log.getLevel() != LogLevel.TRACE && log.getLevel() != LogLevel.DEBUG) {
                progress.line(log.getMessage().stripTrailing());
            }
        }
    }

    /// What the server itself says went wrong, in contrast to what the app prints.
    static List<String> errors(List<Log> logs) {
        return logs.stream()
                .filter(log -> log.getLevel() == LogLevel.ERROR)
                .filter(log -> log.getSource() != LogSource.USER)
                .map(log -> log.getMessage().stripTrailing())
                .toList();
    }
}
