package mews.cli;

import java.util.List;
import mews.wire.proto.Log;
import mews.wire.proto.LogLevel;

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
}
