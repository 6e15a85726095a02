package mews.project;

import com.google.protobuf.Value;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import mews.model.Refusal;
import mews.wire.proto.EnvironmentDefinition;

/// What can be said of an evaluated app's environment before a server sees it.
final class Environment {
    private static final Set<String> KINDS = Set.of("virtualenv", "container");

    private Environment() {}

    /// With what our own settings of the project file say. protocol: control 4.3, which lets the
    /// image carry it
    ///
    /// @throws Refusal if the environment is none that they mean something to
    static LoadedApp owned(LoadedApp app) {
        if (app.project() == null || !app.project().own().readOnly()) {
            return app;
        }
        if (!app.environment().getConfiguration().containsFields("image")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "[tool.mews.apps.%s] has read_only, which goes with a container image, and the app has none; remove it, or give the app an image"
                            .formatted(app.project().key()));
        }
        return app.withEnvironment(Environment::readOnly);
    }

    private static EnvironmentDefinition readOnly(EnvironmentDefinition environment) {
        EnvironmentDefinition.Builder changed = environment.toBuilder();
        Value image = environment.getConfiguration().getFieldsOrThrow("image");
        Value.Builder table = image.toBuilder();
        table.getStructValueBuilder().putFields("read_only", Structs.value(true));
        changed.getConfigurationBuilder().putFields("image", table.build());
        return changed.build();
    }

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
