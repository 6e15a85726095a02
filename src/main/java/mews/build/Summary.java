package mews.build;

import java.util.List;

/// The packages of a layer in one line.
final class Summary {
    private static final int SHOWN = 3;

    private Summary() {}

    static String of(List<String> packages) {
        if (packages.isEmpty()) {
            return "no packages";
        }
        String first = String.join(", ", packages.subList(0, Math.min(SHOWN, packages.size())));
        int rest = packages.size() - SHOWN;
        return rest > 0 ? "%s and %d more".formatted(first, rest) : first;
    }
}
