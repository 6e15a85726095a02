package mews.control;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

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
            int distance = distance(given.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
            if (distance < least && distance < Math.max(2, name.length())) {
                least = distance;
                best = name;
            }
        }
        return Optional.ofNullable(best);
    }

    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] row = new int[right.length() + 1];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], previous[j]) + 1, previous[j - 1] + change);
            }
            previous = row;
        }
        return previous[right.length()];
    }
}
