package mews.model;

/// Why a runner ended.
///
/// @param code one of the constants below, stable
/// @param detail for people: what happened and what to do; may be empty for expected ends
public record StopReason(Code code, String detail) {
    /// Stable names, shown in listings and kept in history.
    public enum Code {
        /// Idle for longer than keep_alive.
        IDLE,
        /// Another revision or generation took over.
        REPLACED,
        /// The alias or run is gone.
        REMOVED,
        /// Someone asked for it.
        STOPPED,
        KILLED,
        /// The function returned, or the app's server ended by itself after it had served.
        FINISHED,
        /// `setup()` or loading raised.
        SETUP_FAILED,
        /// Not ready within startup_timeout.
        STARTUP_TIMEOUT,
        /// Ended before it was ready, or while serving, without being asked.
        EXITED,
        /// Killed for using more memory than its machine type allows.
        OUT_OF_MEMORY,
        UNHEALTHY,
        /// A request exceeded request_timeout or broke the connection.
        REQUEST_FAILED,
        /// The server that owned it went away.
        SERVER_GONE
    }

    public static StopReason of(Code code) {
        return new StopReason(code, "");
    }

    /// Whether this end counts as a failed start when it happens before ready.
    public boolean startFailure() {
        return switch (code) {
            case SETUP_FAILED, STARTUP_TIMEOUT, EXITED, OUT_OF_MEMORY, UNHEALTHY -> true;
            case IDLE, REPLACED, REMOVED, STOPPED, KILLED, FINISHED, REQUEST_FAILED, SERVER_GONE ->
                    false;
        };
    }
}
