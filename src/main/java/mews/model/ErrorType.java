package mews.model;

/// Infrastructure errors of the data plane, with their status. protocol: data 9.1
public enum ErrorType {
    REQUEST_TIMEOUT(504),
    STARTUP_TIMEOUT(504),
    RUNNER_SCHEDULING_FAILURE(503),
    RUNNER_CONNECTION_TIMEOUT(503),
    RUNNER_DISCONNECTED(503),
    RUNNER_CONNECTION_REFUSED(503),
    RUNNER_CONNECTION_ERROR(503),
    RUNNER_INCOMPLETE_RESPONSE(502),
    RUNNER_SERVER_ERROR(500),
    CLIENT_DISCONNECTED(499),
    CLIENT_CANCELLED(499),
    BAD_REQUEST(400),
    INTERNAL_ERROR(500);

    private final int status;

    ErrorType(int status) {
        this.status = status;
    }

    public int status() {
        return status;
    }

    /// As spelled on the wire, such as `request_timeout`.
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
