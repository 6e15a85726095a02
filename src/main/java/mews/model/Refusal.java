package mews.model;

/// Input that cannot be accepted, or a thing that is not there: the fault of the one who asked. The
/// message says what, which one, the bound and what to do; it never holds a secret.
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// How a door should answer.
    public enum Kind {
        INVALID,
        NOT_FOUND,
        ALREADY_EXISTS,
        UNAUTHENTICATED,
        FORBIDDEN,
        FAILED_PRECONDITION,
        UNSUPPORTED,
        EXHAUSTED
    }

    private final Kind kind;
    private final String text;

    public Refusal(Kind kind, String message) {
        super(message);
        this.kind = kind;
        this.text = message;
    }

    /// Never null.
    @Override
    public String getMessage() {
        return text;
    }

    public Kind kind() {
        return kind;
    }
}
