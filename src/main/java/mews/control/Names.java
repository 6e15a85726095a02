package mews.control;

import java.util.List;
import java.util.Locale;
import mews.account.Accounts;
import mews.model.AppName;
import mews.model.Caller;
import mews.model.Refusal;

/// Which app and which named environment a request means. protocol: control 2.3
final class Names {
    static final String MAIN = "main";

    private final Accounts accounts;

    Names(Accounts accounts) {
        this.accounts = accounts;
    }

    /// @param name with or without the suffix of its environment
    /// @param environment empty = as the name says
    AppName app(Caller caller, String name, String environment) {
        if (name.isBlank()) {
            throw new Refusal(Refusal.Kind.INVALID, "the app's name is missing");
        }
        // Python names that became aliases: a URL knows neither '_' nor capitals.
        String alias = name.toLowerCase(Locale.ROOT).replace('_', '-');
        return new AppName(caller.account(), suffixed(alias, environment(caller, environment)));
    }

    /// @param owner of a path; others' apps are not found
    AppName own(Caller caller, String owner, String name) {
        if (!owner.equals(caller.account())) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND, "app '%s/%s' not found".formatted(owner, name));
        }
        return app(caller, name, "");
    }

    /// @return the environment, `main` for an empty text
    /// @throws Refusal if the account has no such environment
    String environment(Caller caller, String environment) {
        if (environment.isEmpty() || environment.equals(MAIN)) {
            return MAIN;
        }
        List<String> known =
                accounts.environments(caller.account()).stream()
                        .map(Accounts.Environment::name)
                        .toList();
        if (!known.contains(environment)) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "environment '%s' not found%s (there are: %s)"
                            .formatted(
                                    environment,
                                    Suggestion.text(environment, known),
                                    String.join(", ", known)));
        }
        return environment;
    }

    /// @param wish what a run is called, possibly a whole entry point
    String runName(Caller caller, String wish, String environment) {
        String symbol = wish.substring(wish.indexOf(':') + 1);
        String bare = symbol.replaceAll("\\.(run_local|build_metadata)$", "");
        return suffixed(bare.isBlank() ? "app" : bare, environment(caller, environment));
    }

    private static String suffixed(String name, String environment) {
        String suffix = AppName.ENVIRONMENT_MARK + environment;
        return environment.equals(MAIN) || name.endsWith(suffix) ? name : name + suffix;
    }
}
