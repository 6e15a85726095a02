package mews.project;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// What a person probably meant.
final class Nearest {
    /// Longer words are no slip of the finger, and would take long to compare.
    private static final int LONGEST = 64;

    private Nearest() {}

    /// @return the candidate closest to `word`, if a slip of the finger explains the difference
    static Optional<String> to(String word, Collection<String> candidates) {
        if (word.length() > LONGEST) {
            return Optional.empty();
        }
        String plain = fold(word);
        int allowed = Math.max(1, plain.length() / 3);
        return candidates.stream()
                .filter(candidate -> candidate.length() <= LONGEST)
                .filter(candidate -> distance(plain, fold(candidate)) <= allowed)
                .min(
                        Comparator.<String>comparingInt(
                                        candidate -> distance(plain, fold(candidate)))
                                .thenComparing(Comparator.naturalOrder()));
    }

    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words.
    static int distance(String from, String to) {
        int[][] cost = new int[from.length() + 1][to.length() + 1];
        for (int i = 0; i <= from.length(); i++) {
            for (int j = 0; j <= to.length(); j++) {
                cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, from, to, i, j);
            }
        }
        return cost[from.length()][to.length()];
    }

    private static int cheapest(int[][] cost, String from, String to, int i, int j) {
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int best = cost[i - 1][j - 1] + (same ? 0 : 1);
        best = Math.min(best, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped =
                i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1);
        return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
    }
}
