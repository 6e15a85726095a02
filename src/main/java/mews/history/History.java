package mews.history;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import mews.model.AppName;
import mews.model.Fact;

/// Facts, written behind the back of those who state them and read when someone asks why.
/// Thread-safe.
public interface History {
    /// Takes a fact in without blocking for the database.
    void record(Fact fact);

    /// @return the facts of one thing, oldest first
    List<Fact> of(Fact.Subject subject, String id);

    /// @return the facts of one thing from `from` up to `to`, oldest first; the last ten thousand,
    ///   if there are more
    List<Fact> between(Fact.Subject subject, String id, Instant from, Instant to);

    /// @return the last such fact at `at` or before
    Optional<Fact> last(Fact.Subject subject, String id, String event, Instant at);

    /// Deletes what is known of an app and of its requests and runners.
    void forget(AppName app);

    /// Waits until all facts recorded so far can be read.
    void flush();
}
