package mews.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes down what was built, last first. A part that fails to stop is told and does not keep the
/// others from it.
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    private record Part(String name, AutoCloseable part) {}

    private final Deque<Part> parts = new ArrayDeque<>();

    /// @return `part`, to go on with
    synchronized <T extends AutoCloseable> T later(String name, T part) {
        parts.push(new Part(name, part));
        return part;
    }

    /// Runs once; a second call has nothing left to do.
    synchronized void run() {
        while (!parts.isEmpty()) {
            Part next = parts.pop();
            try {
                next.part().close();
            } catch (Exception e) {
                LOG.warn("a part did not stop cleanly part={}", next.name(), e);
            }
        }
    }
}
