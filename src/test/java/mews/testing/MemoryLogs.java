package mews.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import mews.logs.LogQuery;
import mews.logs.Logs;
import mews.model.LogLine;

/// Log lines in a list. Followers hear nothing.
public final class MemoryLogs implements Logs {
    private final List<LogLine> lines = new CopyOnWriteArrayList<>();

    @Override
    public void append(LogLine line) {
        lines.add(line);
    }

    @Override
    public void flush() {}

    @Override
    public List<LogLine> query(LogQuery query) {
        return lines.stream().filter(query::matches).limit(query.limit()).toList().reversed();
    }

    @Override
    public AutoCloseable follow(LogQuery query, Consumer<LogLine> listener) {
        return () -> {};
    }

    /// In the order in which they were said.
    public List<LogLine> lines() {
        return List.copyOf(lines);
    }

    public List<String> messages() {
        return lines.stream().map(LogLine::message).toList();
    }
}
