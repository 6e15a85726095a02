package mews.scale;

/// What to do about the number of runners of one alias.
public sealed interface Decision {
    /// As many as wanted, or none may go yet.
    record Hold() implements Decision {}

    /// @param runners how many to start, at least 1
    /// @param why in a few words, for history
    record Start(int runners, String why) implements Decision {}

    /// @param runners how many to drain, at least 1
    /// @param busyToo whether busy ones may be taken once the idle ones are used up
    record Drain(int runners, boolean busyToo) implements Decision {}
}
