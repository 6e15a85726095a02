package mews.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/// One table of `mews.toml`. A value that cannot be used becomes a problem, and reading goes on
/// with the default, so that all problems are told at once.
final class Section {
    private final String name;
    private final @Nullable TomlTable table;
    private final Problems problems;
    private final Set<String> known = new TreeSet<>();

    /// @param table null: the section is not there and has all its defaults
    Section(String name, @Nullable TomlTable table, Problems problems) {
        this.name = name;
        this.table = table;
        this.problems = problems;
    }

    boolean isPresent() {
        return table != null;
    }

    int integer(String key, int otherwise, int least, int most) {
        Object value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Long number && number >= least && number <= most) {
            return number.intValue();
        }
        problem(
                key,
                "%s.%s must be a whole number from %d to %d, got %s"
                        .formatted(name, key, least, most, shown(value)));
        return otherwise;
    }

    String string(String key, String otherwise) {
        Object value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof String text) {
            return text;
        }
        problem(key, "%s.%s must be a string, got %s".formatted(name, key, shown(value)));
        return otherwise;
    }

    List<String> strings(String key) {
        Object value = value(key);
        List<String> texts = new ArrayList<>();
        if (value instanceof TomlArray array) {
            for (Object item : array.toList()) {
                if (item instanceof String text) {
                    texts.add(text);
                } else {
                    problem(
                            key,
                            "%s.%s must hold strings only, got %s"
                                    .formatted(name, key, shown(item)));
                }
            }
        } else if (value != null) {
            problem(
                    key,
                    "%s.%s must be a list of strings, got %s".formatted(name, key, shown(value)));
        }
        return texts;
    }

    /// All rows of a section whose keys are free, in the order of the file.
    Map<String, String> rows() {
        Map<String, String> rows = new LinkedHashMap<>();
        if (table != null) {
            for (String key : table.keySet()) {
                Object value = value(key);
                if (value instanceof String text) {
                    rows.put(key, text);
                } else {
                    problem(
                            key,
                            "%s.\"%s\" must be a string, got %s"
                                    .formatted(name, key, shown(value)));
                }
            }
        }
        return rows;
    }

    void problem(String key, String message) {
        TomlPosition at = table == null ? null : table.inputPositionOf(List.of(key));
        problems.add(at, message);
    }

    /// Tells every key that nobody asked for.
    void refuseUnknown() {
        if (table == null) {
            return;
        }
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                Optional<String> near = Problems.nearest(key, known);
                problem(
                        key,
                        "%s has no setting '%s'; %s"
                                .formatted(
                                        name,
                                        key,
                                        near.map("did you mean '%s'?"::formatted)
                                                .orElse("it has " + String.join(", ", known))));
            }
        }
    }

    private @Nullable Object value(String key) {
        known.add(key);
        return table == null ? null : table.get(List.of(key));
    }

    private static String shown(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case TomlTable _ -> "a table";
            case TomlArray _ -> "a list";
            case String text -> "'" + text + "'";
            default -> value.toString();
        };
    }
}
