package mews.cli;

import mews.base.Env;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// `--env`, and what it makes of an app's name. protocol: control 2.3
final class EnvOption {
    private static final String MAIN = "main";

    @Option(
            names = "--env",
            paramLabel = "NAME",
            description = "The named environment (default: FAL_ENV, else main).")
    @Nullable String given;

    /// @return null for the main environment
    @Nullable String name() {
        String name = given != null ? given : Env.get("FAL_ENV");
        return name == null || name.isEmpty() || name.equals(MAIN) ? null : name;
    }

    /// The alias under which the server keeps an app of this environment.
    String alias(String app) {
        String name = name();
        return name == null ? app : app + "--" + name;
    }

    /// The app's name as its owner wrote it. Only the suffix of the environment that the server
    /// names is taken off, since an app's own name may end alike.
    static String shown(String alias, String environment) {
        return !environment.isEmpty() && alias.endsWith("--" + environment)
                ? alias.substring(0, alias.length() - environment.length() - 2)
                : alias;
    }

    static String orMain(String environment) {
        return environment.isEmpty() ? MAIN : environment;
    }
}
