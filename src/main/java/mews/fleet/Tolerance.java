package mews.fleet;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Which revisions do not work when they are forked. One that fails so gets a plain start; if that
/// comes up, forking was what it failed for, else it was not. Thread-safe.
final class Tolerance {
    private enum Verdict {
        /// Failed when forked; not yet tried plainly.
        SUSPECT,
        INTOLERANT,
        /// Came up when forked, or fails either way.
        INNOCENT
    }

    private final Map<UUID, Verdict> verdicts = new ConcurrentHashMap<>();

    boolean mayFork(UUID revision) {
        Verdict verdict = verdicts.get(revision);
        return verdict == null || verdict == Verdict.INNOCENT;
    }

    /// Whether a failure would tell something.
    boolean unknown(UUID revision) {
        return !verdicts.containsKey(revision);
    }

    void cameUp(UUID revision, Way way) {
        if (way == Way.PLAIN) {
            verdicts.replace(revision, Verdict.SUSPECT, Verdict.INTOLERANT);
        } else {
            verdicts.put(revision, Verdict.INNOCENT);
        }
    }

    /// It ended before it was ready.
    void failed(UUID revision, Way way) {
        if (way == Way.PLAIN) {
            verdicts.replace(revision, Verdict.SUSPECT, Verdict.INNOCENT);
        } else {
            verdicts.putIfAbsent(revision, Verdict.SUSPECT);
        }
    }
}
