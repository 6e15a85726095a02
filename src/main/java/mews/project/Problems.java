package mews.project;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlPosition;

/// Collects what is wrong, so that all of it is told at once.
final class Problems {
    private static final int LONGEST = 500;

    private final List<Problem> found = new ArrayList<>();
    private final boolean partial;

    /// @param partial the file could not be read whole: what seems to be missing may stand in the
    ///   part that was not understood, so it is not told
    Problems(boolean partial) {
        this.partial = partial;
    }

    void error(
            @Nullable String app,
            String code,
            @Nullable TomlPosition at,
            String message,
            @Nullable String suggestion) {
        add(Problem.Severity.ERROR, app, code, at, message, suggestion);
    }

    void missing(
            @Nullable String app, @Nullable TomlPosition at, String message, String suggestion) {
        if (!partial) {
            error(app, "missing", at, message, suggestion);
        }
    }

    void warn(
            @Nullable String app,
            String code,
            @Nullable TomlPosition at,
            String message,
            @Nullable String suggestion) {
        add(Problem.Severity.WARNING, app, code, at, message, suggestion);
    }

    boolean hasErrors(String app) {
        return found.stream().anyMatch(problem -> problem.isError() && app.equals(problem.app()));
    }

    /// In the order of the file.
    List<Problem> all() {
        return found.stream()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .toList();
    }

    private void add(
            Problem.Severity severity,
            @Nullable String app,
            String code,
            @Nullable TomlPosition at,
            String message,
            @Nullable String suggestion) {
        int line = at == null ? 1 : at.line();
        int column = at == null ? 1 : at.column();
        String told = shortened(message);
        String advice = suggestion == null ? null : shortened(suggestion);
        found.add(new Problem(severity, code, app, line, column, told, advice));
    }

    /// Values from the file stand in messages, and may be a megabyte long or break the line.
    private static String shortened(String text) {
        String line = text.replace('\n', ' ').replace('\r', ' ');
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
