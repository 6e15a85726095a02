package mews.control;

import java.util.function.Consumer;
import mews.logs.LogQuery;
import mews.logs.Logs;
import mews.model.LogLine;

/// A log that is being followed.
interface Tail extends AutoCloseable {
    @Override
    void close();

    static Tail of(Logs logs, LogQuery query, Consumer<LogLine> listener) {
        AutoCloseable following = logs.follow(query, listener);
        return () -> {
            try {
                following.close();
            } catch (Exception e) {
                throw new IllegalStateException("a log could not be left", e);
            }
        };
    }
}
