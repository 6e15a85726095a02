package mews.history;

import java.util.List;
import mews.model.Fact;

/// Facts, written behind the back of those who state them and read when someone asks why.
/// Thread-safe.
public interface History {
    /// Takes a fact in without blocking for the database.
    void record(Fact fact);

    /// @return the facts of one thing, oldest first
    List<Fact> of(Fact.Subject subject, String id);

    /// Waits until all facts recorded so far can be read.
    void flush();
}
