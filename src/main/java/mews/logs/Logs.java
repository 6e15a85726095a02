package mews.logs;

import java.util.List;
import java.util.function.Consumer;
import mews.model.LogLine;

/// Every line that runners, builds and the gateway said: taken in without blocking the one who said
/// it, written in batches, kept for the retention time, and handed to whoever is following.
/// Thread-safe.
public interface Logs {
    /// Takes a line in. Never blocks for the database; order per runner is kept.
    void append(LogLine line);

    /// Waits until all lines appended so far can be queried.
    void flush();

    /// @return newest first, at most `query.limit()` lines
    List<LogLine> query(LogQuery query);

    /// Follows new lines that match; history is not replayed.
    ///
    /// @return closing it ends the following
    AutoCloseable follow(LogQuery query, Consumer<LogLine> listener);
}
