package mews.project;

import com.google.protobuf.Value;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import mews.model.Refusal;

/// What can be said of an evaluated app's environment before a server sees it.
final class Environment {
    private static final Set<String> KINDS = Set.of("virtualenv", "container");

    private Environment() {}

    /// @param progress gets what will have no effect
    /// @throws Refusal if no server offers such an environment
    static void check(LoadedApp app, Consumer<String> progress) {
        String kind = app.environment().getKind();
        if (kind.equals("conda")) {
            throw new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    """
                    conda environments are not offered: list the packages under 'requirements' \
                    (wheels of PyPI), or, where they need conda, build a container image whose \
                    Dockerfile installs them\
                    """);
        }
        if (!KINDS.contains(kind)) {
            throw new Refusal(
                    Refusal.Kind.UNSUPPORTED,
                    "environment kind '%s' is not known; use 'virtualenv' or 'container'"
                            .formatted(kind));
        }
        Map<String, Value> image =
                app.environment()
                        .getConfiguration()
                        .getFieldsOrDefault("image", Value.getDefaultInstance())
                        .getStructValue()
                        .getFieldsMap();
        // A table of the project file was checked with the file.
        boolean fromClass = app.project() == null || app.project().image() == null;
        for (String key : fromClass ? new String[] {"entrypoint", "cmd"} : new String[0]) {
            if (image.containsKey(key)) {
                progress.accept(
                        "warning: the image's '%s' is unused: the Python app is the runner's process"
                                .formatted(key));
            }
        }
    }
}
