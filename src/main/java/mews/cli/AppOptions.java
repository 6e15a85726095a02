package mews.cli;

import java.util.List;
import java.util.Locale;
import mews.model.AuthMode;
import mews.project.Requests;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Options that `run` and `deploy` share. What is given here beats the project file, which beats
/// the class.
final class AppOptions {
    enum Auth {
        PRIVATE,
        PUBLIC,
        SHARED
    }

    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();

    @Option(names = "--app-name", paramLabel = "NAME", description = "Under another name.")
    @Nullable String appName;

    @Option(
            names = "--auth",
            paramLabel = "MODE",
            description = "Who may call it: private, public or shared.")
    @Nullable Auth auth;

    @Option(
            names = {"--no-cache", "--force-env-build"},
            description = "Build the environment anew.")
    boolean noCache;

    Requests.Choices choices(@Nullable String machineType) {
        return new Requests.Choices(
                appName,
                auth == null ? null : AuthMode.valueOf(auth.name().toUpperCase(Locale.ROOT)),
                env.name(),
                machineType,
                noCache,
                List.of());
    }
}
