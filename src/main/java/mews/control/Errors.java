package mews.control;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import mews.base.Ids;
import mews.model.Refusal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What went wrong, as the two protocols say it. Clients show the text alone, so all of it is
/// there. protocol: control 1.4
final class Errors {
    private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

    /// A status travels in a header, and clients refuse long ones: some at 8 KiB for all headers.
    private static final int LONGEST = 6000;

    private Errors() {}

    static Status status(Throwable failure) {
        return switch (failure) {
            case Refusal refusal ->
                    code(refusal.kind()).withDescription(fitting(text(refusal.getMessage())));
            case StatusRuntimeException status -> status.getStatus();
            case StatusException status -> status.getStatus();
            case InterruptedException ignored ->
                    Status.CANCELLED.withDescription("the call was ended");
            default -> Status.INTERNAL.withDescription(unexpected(failure));
        };
    }

    /// Logs what nobody expected.
    ///
    /// @return what may be told about it
    static String unexpected(Throwable failure) {
        String id = Ids.slug(8);
        LOG.error("call failed error_id={}", id, failure);
        return "unexpected error in the server; its log tells more under error_id=" + id;
    }

    static int http(Refusal.Kind kind) {
        return switch (kind) {
            case INVALID, FAILED_PRECONDITION -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case ALREADY_EXISTS -> 409;
            case EXHAUSTED -> 429;
            case UNSUPPORTED -> 501;
        };
    }

    private static Status code(Refusal.Kind kind) {
        return switch (kind) {
            case INVALID -> Status.INVALID_ARGUMENT;
            case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION;
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case NOT_FOUND -> Status.NOT_FOUND;
            case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
            case EXHAUSTED -> Status.RESOURCE_EXHAUSTED;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
        };
    }

    /// Cuts the middle out: the beginning says what, the end often why.
    static String fitting(String text) {
        if (encodedLength(text) <= LONGEST) {
            return text;
        }
        int half = text.length() / 2;
        while (half > 0
                && encodedLength(text.substring(0, half))
                                + encodedLength(text.substring(text.length() - half))
                        > LONGEST) {
            half = half * 9 / 10;
        }
        return text.substring(0, half) + "\n… (cut) …\n" + text.substring(text.length() - half);
    }

    /// Anything but printable ASCII is percent-encoded, up to three bytes for each of three.
    private static int encodedLength(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            length += c >= ' ' && c < 127 && c != '%' ? 1 : c < 128 ? 3 : 9;
        }
        return length;
    }

    private static String text(@org.jspecify.annotations.Nullable String message) {
        return message == null ? "refused" : message;
    }
}
