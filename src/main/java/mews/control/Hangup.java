package mews.control;

import java.util.ArrayList;
import java.util.List;

/// Whether the one who called is still there. Thread-safe.
final class Hangup {
    private final List<Runnable> listeners = new ArrayList<>();
    private boolean gone;

    /// Once; later calls do nothing.
    void happened() {
        List<Runnable> told;
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            told = List.copyOf(listeners);
        }
        told.forEach(Runnable::run);
    }

    /// @param listener runs when it happens, or now if it has; must not block
    void listen(Runnable listener) {
        synchronized (this) {
            if (!gone) {
                listeners.add(listener);
                return;
            }
        }
        listener.run();
    }

    synchronized boolean isGone() {
        return gone;
    }
}
