package mews.project;

import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Which interpreter an app is loaded with.
final class PythonChoice {
    /// The oldest that the official SDK runs on.
    static final int OLDEST_MINOR = 10;

    private final Interpreters interpreters;

    PythonChoice(Interpreters interpreters) {
        this.interpreters = interpreters;
    }

    /// @param asked `major.minor`; absent: the active `python3` if the SDK runs on it, else the
    ///   newest, and it is said which
    /// @throws Refusal if there is none, or the SDK does not run on it
    Interpreter choose(@Nullable String asked, Consumer<String> progress) {
        if (asked != null) {
            if (!supported(asked)) {
                throw new Refusal(
                        Refusal.Kind.INVALID,
                        "python_version %s is too old to load an app with: the fal SDK needs 3.%d or newer; raise it, or use python_entry_point"
                                .formatted(asked, OLDEST_MINOR));
            }
            return interpreters.require(asked);
        }
        Interpreter chosen = unasked().orElseThrow(PythonChoice::none);
        progress.accept(
                "python_version is not set: using Python %s (%s)"
                        .formatted(chosen.minor(), chosen.path()));
        return chosen;
    }

    private Optional<Interpreter> unasked() {
        return interpreters
                .active()
                .filter(any -> supported(any.minor()))
                .or(() ->
                        interpreters.all().stream()
                                .filter(any -> supported(any.minor()))
                                .max(Comparator.comparingInt(any -> number(any.minor()))));
    }

    private static boolean supported(String minor) {
        return minor.startsWith("3.") && number(minor) >= OLDEST_MINOR;
    }

    private static int number(String minor) {
        return Integer.parseInt(minor.substring(minor.indexOf('.') + 1));
    }

    private static Refusal none() {
        return new Refusal(
                Refusal.Kind.FAILED_PRECONDITION,
                "no Python 3.%d or newer on this machine, which loading an app needs; install one (Debian, Ubuntu: apt install python3)"
                        .formatted(OLDEST_MINOR));
    }
}
