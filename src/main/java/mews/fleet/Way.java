package mews.fleet;

import java.util.Locale;

/// How a runner's process came to be.
enum Way {
    /// An interpreter of its own was started.
    PLAIN,
    /// Forked from a warm parent when it was needed.
    FORKED,
    /// Forked before it was needed.
    AHEAD;

    /// For owners of apps, to whom it is all the same when it was forked.
    String listed() {
        return this == PLAIN ? "plain" : "forked";
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
