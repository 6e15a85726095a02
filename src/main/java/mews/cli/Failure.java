package mews.cli;

/// What a command could not do, told to the user as one message without a stack trace.
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The command failed.
    static final int FAILED = 1;

    /// The command line, the project file or an input is wrong: nothing was tried.
    static final int BAD_INPUT = 2;

    /// Ctrl-C or SIGTERM.
    static final int INTERRUPTED = 130;

    private final int exitCode;

    Failure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static Failure failed(String message, Object... values) {
        return new Failure(FAILED, message.formatted(values));
    }

    static Failure badInput(String message, Object... values) {
        return new Failure(BAD_INPUT, message.formatted(values));
    }

    int exitCode() {
        return exitCode;
    }
}
