package mews.cli;

import java.util.concurrent.atomic.AtomicBoolean;

/// What is to happen when Ctrl-C or SIGTERM comes while this is open. The JVM then ends with 130 or
/// 143, once it has happened.
final class Interruption implements AutoCloseable {
    private static final AtomicBoolean HAPPENED = new AtomicBoolean();

    private final Thread hook;

    private Interruption(Runnable action) {
        hook =
                new Thread(() -> {
                    HAPPENED.set(true);
                    action.run();
                });
    }

    static Interruption then(Runnable action) {
        Interruption interruption = new Interruption(action);
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /// Whether the process is ending, so that what fails now needs no message.
    static boolean happened() {
        return HAPPENED.get();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAlready) {
            // Then it runs, which is what it is for.
        }
    }
}
