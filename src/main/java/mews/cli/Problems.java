package mews.cli;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import mews.model.Refusal;

/// Says in one message what went wrong, whatever it was.
final class Problems {
    private Problems() {}

    /// @return the exit code that goes with it
    static int tell(Exception e, PrintWriter err) {
        int code =
                switch (e) {
                    case Failure failure -> failure.exitCode();
                    case Refusal refusal when refusal.kind() == Refusal.Kind.INVALID ->
                            Failure.BAD_INPUT;
                    default -> Failure.FAILED;
                };
        err.println(Terminal.program() + ": " + message(e));
        err.flush();
        return code;
    }

    static String message(Exception e) {
        return switch (e) {
            case Failure failure -> said(failure);
            case Refusal refusal -> said(refusal);
            case StatusRuntimeException status -> message(status.getStatus());
            case AccessDeniedException denied -> "permission denied: " + denied.getFile();
            case IOException io -> io.getClass().getSimpleName() + ": " + said(io);
            default ->
                    "internal error: %s (set MEWS_DEBUG=1 to see where)"
                            .formatted(e.getMessage() == null ? e.toString() : e.getMessage());
        };
    }

    /// The server puts the whole explanation into the details. protocol: control 1.4
    static String message(Status status) {
        String details = status.getDescription();
        if (status.getCode() == Status.Code.UNAVAILABLE) {
            return "the server cannot be reached"
                    + (details == null ? "" : ": " + details)
                    + cause(status);
        }
        return details == null || details.isBlank()
                ? "the server answered %s without saying why".formatted(status.getCode())
                : details;
    }

    private static String cause(Status status) {
        Throwable cause = status.getCause();
        return cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
    }

    private static String said(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
