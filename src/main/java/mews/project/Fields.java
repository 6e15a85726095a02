package mews.project;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/// One table of the file, read key by key. A wrong value is noted and read as absent; keys that
/// nobody asked for are misspelt or unknown.
final class Fields {
    private final @Nullable String app;
    private final String where;
    private final TomlTable table;
    private final @Nullable TomlPosition at;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    Fields(
            @Nullable String app,
            String where,
            TomlTable table,
            @Nullable TomlPosition at,
            Problems problems) {
        this.app = app;
        this.where = where;
        this.table = table;
        this.at = at;
        this.problems = problems;
    }

    String where() {
        return where;
    }

    Set<String> keys() {
        return table.keySet();
    }

    boolean has(String key) {
        known.add(key);
        return table.contains(List.of(key));
    }

    /// Where a key stands; where the table does, if it is absent.
    @Nullable TomlPosition at(String key) {
        return has(key) ? table.inputPositionOf(List.of(key)) : at;
    }

    @Nullable String text(String key) {
        Object value = take(key);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        wrongType(key, "a string", value, "write " + key + " = \"" + plain(value) + "\"");
        return null;
    }

    /// A string with something in it.
    @Nullable String word(String key) {
        String text = text(key);
        if (text != null && text.isBlank()) {
            error(key, "out_of_range", quoted(key) + " must not be empty", null);
            return null;
        }
        return text;
    }

    @Nullable Boolean flag(String key) {
        Object value = take(key);
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        boolean meant = "true".equalsIgnoreCase(plain(value)) || "1".equals(plain(value));
        wrongType(key, "true or false", value, "write " + key + " = " + meant);
        return null;
    }

    @Nullable Integer number(String key) {
        Object value = take(key);
        if (value == null) {
            return null;
        }
        Bound bound = Bound.of(key);
        if (!(value instanceof Long number)) {
            boolean digits = plain(value).matches("\\d{1,9}");
            String advice = digits ? "write " + key + " = " + plain(value) : null;
            wrongType(key, "an integer, " + bound.range(), value, advice);
            return null;
        }
        if (!bound.holds(number)) {
            error(
                    key,
                    "out_of_range",
                    "%s must be %s, was %d".formatted(quoted(key), bound.range(), number),
                    null);
            return null;
        }
        return number.intValue();
    }

    @Nullable List<String> texts(String key) {
        Object value = take(key);
        if (value == null) {
            return null;
        }
        if (!(value instanceof TomlArray array)) {
            wrongType(key, "a list of strings", value, "write " + key + " = [\"…\"]");
            return null;
        }
        return strings(key, array);
    }

    @Nullable TomlArray array(String key, String shape) {
        Object value = take(key);
        if (value == null || value instanceof TomlArray) {
            return (TomlArray) value;
        }
        wrongType(key, shape, value, null);
        return null;
    }

    /// A string or a list of strings, as it stands.
    @Nullable Object textOrTexts(String key) {
        Object value = take(key);
        if (value == null || value instanceof String) {
            return value;
        }
        if (value instanceof TomlArray array) {
            return strings(key, array);
        }
        wrongType(key, "a string or a list of strings", value, null);
        return null;
    }

    /// Strings by name.
    Map<String, String> textTable(String key) {
        Fields inner = table(key);
        Map<String, String> texts = new LinkedHashMap<>();
        if (inner != null) {
            for (String name : inner.keys()) {
                String text = inner.text(name);
                if (text != null) {
                    texts.put(name, text);
                }
            }
        }
        return texts;
    }

    @Nullable Fields table(String key) {
        Object value = take(key);
        if (value == null) {
            return null;
        }
        if (!(value instanceof TomlTable inner)) {
            wrongType(key, "a table", value, null);
            return null;
        }
        String name = where.substring(0, where.length() - 1) + "." + key + "]";
        return new Fields(app, name, inner, at(key), problems);
    }

    @Nullable Object raw(String key) {
        return take(key);
    }

    /// The strings of an array; each element that is none is noted where it stands.
    @Nullable List<String> strings(String key, TomlArray array) {
        List<String> strings = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            if (array.get(i) instanceof String string) {
                strings.add(string);
            } else {
                problems.error(
                        app,
                        "wrong_type",
                        array.inputPositionOf(i),
                        "%s must hold strings only, element %d is %s"
                                .formatted(quoted(key), i + 1, described(array.get(i))),
                        null);
            }
        }
        return strings.size() == array.size() ? strings : null;
    }

    /// A path that a value names, relative to a folder; noted if no path can be spelt so.
    @Nullable Path path(String key, Path folder, String text) {
        try {
            return folder.resolve(LocalRequirement.expandUser(text)).normalize();
        } catch (InvalidPathException e) {
            error(key, "out_of_range", quoted(key) + " holds no path: " + e.getReason(), null);
            return null;
        }
    }

    /// Notes every key that nobody asked for.
    void finish() {
        for (String key : table.keySet()) {
            if (!known.contains(key)) {
                String advice =
                        Nearest.to(key, known)
                                .map(near -> "did you mean '" + near + "'?")
                                .orElse("docs/project-file.md lists the keys");
                error(
                        key,
                        "unknown_key",
                        "unknown key %s in %s".formatted(quoted(key), where),
                        advice);
            }
        }
    }

    void error(String key, String code, String message, @Nullable String suggestion) {
        problems.error(app, code, at(key), message, suggestion);
    }

    void errorAt(
            @Nullable TomlPosition position, String code, String message, @Nullable String advice) {
        problems.error(app, code, position, message, advice);
    }

    void missing(String message, String suggestion) {
        problems.missing(app, at, message, suggestion);
    }

    void warn(String key, String code, String message, @Nullable String suggestion) {
        problems.warn(app, code, at(key), message, suggestion);
    }

    private @Nullable Object take(String key) {
        known.add(key);
        return table.get(List.of(key));
    }

    private void wrongType(String key, String shape, Object value, @Nullable String advice) {
        error(
                key,
                "wrong_type",
                "%s must be %s, was %s".formatted(quoted(key), shape, described(value)),
                advice);
    }

    private String quoted(String key) {
        return "'" + key + "'";
    }

    private static String plain(Object value) {
        return value instanceof TomlArray || value instanceof TomlTable ? "…" : value.toString();
    }

    /// The kind of a value, with the value where it is short. Values may be secrets, so strings are
    /// not repeated.
    static String described(@Nullable Object value) {
        return switch (value) {
            case null -> "nothing";
            case String ignored -> "a string";
            case Long number -> "the integer " + number;
            case Double number -> "the number " + number;
            case Boolean flag -> "the boolean " + flag;
            case TomlArray ignored -> "a list";
            case TomlTable ignored -> "a table";
            default -> "a " + value.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }
}
