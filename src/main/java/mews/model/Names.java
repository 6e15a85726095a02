package mews.model;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Names that people choose and that become parts of URLs.
public final class Names {
    /// First path segments of the control plane; an account called so could never be reached.
    public static final Set<String> RESERVED =
            Set.of(
                    "users",
                    "applications",
                    "runners",
                    "logs",
                    "files",
                    "storage",
                    "tokens",
                    "workflows",
                    "comfy",
                    "metrics",
                    "health",
                    "v1",
                    "api",
                    "run",
                    "queue",
                    "ws",
                    "rest",
                    "cdn",
                    "kv",
                    "mews",
                    ".well-known");

    private static final Pattern NICKNAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,38}");
    private static final Pattern ENVIRONMENT = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");

    private Names() {}

    /// @throws Refusal if it is malformed or reserved
    public static String nickname(String name) {
        if (!NICKNAME.matcher(name).matches()) {
            throw invalid(
                    "nickname '%s' is not allowed: 1 to 39 of a-z, 0-9 and '-', first a letter or digit",
                    name);
        }
        if (RESERVED.contains(name.toLowerCase(Locale.ROOT))) {
            throw invalid(
                    "nickname '%s' is reserved for paths of the server; choose another", name);
        }
        return name;
    }

    /// Of a named environment.
    ///
    /// @throws Refusal if it is malformed
    public static String environment(String name) {
        if (!ENVIRONMENT.matcher(name).matches() || name.contains(AppName.ENVIRONMENT_MARK)) {
            throw invalid(
                    "environment '%s' is not allowed: 1 to 63 of a-z, 0-9 and '-', first a letter or digit, no '--'",
                    name);
        }
        return name;
    }

    /// Of a secret, which becomes an environment variable.
    ///
    /// @throws Refusal if it is malformed
    public static String variable(String name) {
        if (!VARIABLE.matcher(name).matches()) {
            throw invalid(
                    "secret '%s' is not allowed: 1 to 128 of letters, digits and '_', first no digit",
                    name);
        }
        return name;
    }

    private static Refusal invalid(String message, String name) {
        return new Refusal(Refusal.Kind.INVALID, message.formatted(name));
    }
}
