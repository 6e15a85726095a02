package mews.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import mews.model.AppName;
import mews.queue.Queue.Depth;
import mews.queue.Queue.Priority;

/// Who waits, in memory: a mirror of the rows in state IN_QUEUE, so that positions, lengths and
/// demand cost no query. Changed only by `PostgresQueue`, right after the commit that makes the
/// change true. Thread-safe, never blocks for long.
final class WaitingLines {
    private static final int MOST_TIMES = 1000;

    /// One waiting request.
    record Waiter(
            AppName app, Priority priority, long sequence, Instant submitted, Instant notBefore) {}

    private static final class Line {
        final Lane normal = new Lane();
        final Lane low = new Lane();

        /// Requests in backoff, by sequence number.
        final TreeMap<Long, Instant> held = new TreeMap<>();

        Lane lane(Priority priority) {
            return priority == Priority.NORMAL ? normal : low;
        }

        int size() {
            return normal.size() + low.size();
        }

        int leasable(Instant now) {
            int held = 0;
            for (Instant until : this.held.values()) {
                if (until.isAfter(now)) {
                    held++;
                }
            }
            return size() - held;
        }
    }

    private final Map<AppName, Line> lines = new HashMap<>();

    synchronized void replace(List<Waiter> waiters) {
        lines.clear();
        waiters.forEach(this::add);
    }

    synchronized void add(Waiter waiter) {
        Line line = lines.computeIfAbsent(waiter.app, app -> new Line());
        line.lane(waiter.priority).add(waiter.sequence, waiter.submitted.toEpochMilli());
        if (waiter.notBefore.isAfter(waiter.submitted)) {
            line.held.put(waiter.sequence, waiter.notBefore);
        }
    }

    synchronized void remove(AppName app, Priority priority, long sequence) {
        Line line = lines.get(app);
        if (line != null) {
            line.lane(priority).remove(sequence);
            line.held.remove(sequence);
            if (line.size() == 0) {
                lines.remove(app);
            }
        }
    }

    synchronized boolean isEmpty() {
        return lines.isEmpty();
    }

    synchronized int size(AppName app) {
        Line line = lines.get(app);
        return line == null ? 0 : line.size();
    }

    synchronized int leasable(AppName app, Instant now) {
        Line line = lines.get(app);
        return line == null ? 0 : line.leasable(now);
    }

    /// @return requests ahead: all normal ones are ahead of a low one
    synchronized int position(AppName app, Priority priority, long sequence) {
        Line line = lines.get(app);
        if (line == null) {
            return 0;
        }
        int ahead = priority == Priority.LOW ? line.normal.size() : 0;
        return ahead + line.lane(priority).rank(sequence);
    }

    /// Forgets backoffs that have passed.
    ///
    /// @return the apps that had one
    synchronized List<AppName> release(Instant now) {
        List<AppName> released = new ArrayList<>();
        lines.forEach((app, line) -> {
            if (line.held.values().removeIf(until -> !until.isAfter(now))) {
                released.add(app);
            }
        });
        return released;
    }

    synchronized Map<AppName, Depth> depths(Instant now) {
        Map<AppName, Depth> depths = new HashMap<>();
        lines.forEach((app, line) -> depths.put(app, new Depth(line.size(), times(line, now))));
        return depths;
    }

    private static List<Instant> times(Line line, Instant now) {
        List<Instant> times = new ArrayList<>();
        collect(line, line.normal, now, times);
        collect(line, line.low, now, times);
        Collections.sort(times);
        return times.size() > MOST_TIMES ? List.copyOf(times.subList(0, MOST_TIMES)) : times;
    }

    private static void collect(Line line, Lane lane, Instant now, List<Instant> into) {
        int most = into.size() + MOST_TIMES;
        for (int i = 0; i < lane.size() && into.size() < most; i++) {
            Instant until = line.held.get(lane.sequenceAt(i));
            if (until == null || !until.isAfter(now)) {
                into.add(Instant.ofEpochMilli(lane.submittedAt(i)));
            }
        }
    }
}
