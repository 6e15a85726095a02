package mews.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Says on standard error what is happening now and for how long: one line that changes on a
/// terminal, a line per step otherwise. Thread-safe.
final class Progress implements AutoCloseable {
    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final int WIDTH = 79;
    private static final String CLEAR = "\r\033[K";

    private final Terminal terminal;
    private final LongSupplier nanoTime;
    private final long began;
    private final ReentrantLock lock = new ReentrantLock();
    private final Thread redrawing;

    private @Nullable String step;
    private long stepBegan;
    private boolean drawn;
    private boolean closed;

    Progress(Terminal terminal) {
        this(terminal, System::nanoTime);
    }

    Progress(Terminal terminal, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.nanoTime = nanoTime;
        this.began = nanoTime.getAsLong();
        this.redrawing = Thread.ofVirtual().unstarted(this::redraw);
        if (terminal.live()) {
            redrawing.start();
        }
    }

    /// Ends the step before and begins this one.
    void step(String what) {
        lock.lock();
        try {
            end();
            step = what;
            stepBegan = nanoTime.getAsLong();
            if (terminal.live()) {
                draw();
            } else {
                terminal.say("[%s] %s".formatted(elapsed(began), what));
            }
        } finally {
            lock.unlock();
        }
    }

    /// Ends the current step, if any, and keeps how long it took on the screen.
    void done() {
        lock.lock();
        try {
            end();
        } finally {
            lock.unlock();
        }
    }

    /// A whole line, above the live one.
    void line(String text) {
        lock.lock();
        try {
            clear();
            terminal.say(text);
            draw();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            end();
        } finally {
            lock.unlock();
        }
        redrawing.interrupt();
    }

    private void end() {
        if (step != null && terminal.live()) {
            clear();
            terminal.say("%s (%s)".formatted(step, elapsed(stepBegan)));
        }
        step = null;
    }

    private void draw() {
        if (step == null || !terminal.live() || closed) {
            return;
        }
        String line = "%s … %s".formatted(step, elapsed(stepBegan));
        terminal.err().print(CLEAR + line.substring(0, Math.min(line.length(), WIDTH)));
        terminal.err().flush();
        drawn = true;
    }

    private void clear() {
        if (drawn) {
            terminal.err().print(CLEAR);
            drawn = false;
        }
    }

    private void redraw() {
        try {
            while (true) {
                Thread.sleep(REDRAW);
                lock.lock();
                try {
                    if (closed) {
                        return;
                    }
                    draw();
                } finally {
                    lock.unlock();
                }
            }
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
    }

    private String elapsed(long since) {
        double seconds = (nanoTime.getAsLong() - since) / 1e9;
        return seconds < 100
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : "%d min %02d s".formatted((int) seconds / 60, (int) seconds % 60);
    }
}
