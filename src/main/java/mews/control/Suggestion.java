package mews.control;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import mews.base.Spelling;

/// The name that someone probably meant.
final class Suggestion {
    private static final int FARTHEST = 3;

    private Suggestion() {}

    /// @return `; did you mean 'X'?` when one of `known` is near, else nothing
    static String text(String given, Collection<String> known) {
        return nearest(given, known).map("; did you mean '%s'?"::formatted).orElse("");
    }

    static Optional<String> nearest(String given, Collection<String> known) {
        String best = null;
        int least = FARTHEST + 1;
        for (String name : known) {
            int distance =
                    Spelling.distance(
                            given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < least && distance < Math.max(2, name.length())) {
                least = distance;
                best = name;
            }
        }
        return Optional.ofNullable(best);
    }
}
