package mews.base;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The process environment; nothing else reads it, so that what can steer Mews is found in one
/// place.
public final class Env {
    private Env() {}

    /// @return the variable's value, or null when it is unset or empty
    public static @Nullable String get(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }

    public static String get(String name, String otherwise) {
        String value = get(name);
        return value == null ? otherwise : value;
    }

    /// Every variable, for a child process that is to see what its user sees.
    public static Map<String, String> all() {
        return System.getenv();
    }
}
