package mews.fleet;

import mews.model.StopReason;
import org.jspecify.annotations.Nullable;

/// Waits for the result of a function. Exactly one of the two is called.
public interface JobListener {
    /// @param method serializer of `definition`
    /// @param raised whether `definition` is an exception
    /// @param traceback as text, for people
    record Outcome(String method, byte[] definition, boolean raised, @Nullable String traceback) {}

    void finished(Outcome outcome);

    void failed(StopReason reason);
}
