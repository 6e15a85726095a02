package mews.server;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import mews.base.Spelling;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;

/// What is wrong with a configuration file, collected so that it is told all at once.
final class Problems {
    private static final int FARTHEST = 3;

    private record Problem(int line, int column, String message) {}

    private final String file;
    private final List<Problem> problems = new ArrayList<>();

    /// @param file as people know it
    Problems(String file) {
        this.file = file;
    }

    /// @param at null: about the file as a whole
    void add(@Nullable TomlPosition at, String message) {
        problems.add(
                at == null
                        ? new Problem(1, 1, message)
                        : new Problem(at.line(), at.column(), message));
    }

    /// @throws Refusal with one line `FILE:LINE:COLUMN: message` for each problem, if there are any
    void tell() {
        if (!problems.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    problems.stream()
                            .sorted(
                                    Comparator.comparingInt(Problem::line)
                                            .thenComparingInt(Problem::column))
                            .map(problem ->
                                    "%s:%d:%d: %s"
                                            .formatted(
                                                    file,
                                                    problem.line(),
                                                    problem.column(),
                                                    problem.message()))
                            .collect(Collectors.joining("\n")));
        }
    }

    /// The name that someone probably meant.
    static Optional<String> nearest(String given, Collection<String> known) {
        return known.stream()
                .filter(name ->
                        Spelling.distance(given, name) <= Math.min(FARTHEST, name.length() / 2))
                .min(Comparator.comparingInt(name -> Spelling.distance(given, name)));
    }
}
