package mews.model;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One line that a runner, a build or the gateway said.
///
/// @param account who may read it
/// @param app absent for builds without an app
/// @param request set when the line was said while serving that request
public record LogLine(
        Instant at,
        Level level,
        Source source,
        String account,
        @Nullable AppName app,
        @Nullable UUID revision,
        @Nullable UUID runner,
        @Nullable UUID request,
        String message) {
    /// protocol: control 2.3, LogLevel; the order is by number
    public enum Level {
        TRACE,
        DEBUG,
        INFO,
        WARNING,
        ERROR,
        STDOUT,
        STDERR
    }

    /// protocol: control 2.3, LogSource
    public enum Source {
        BUILDER,
        BRIDGE,
        USER
    }
}
