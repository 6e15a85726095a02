package mews.project;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import mews.model.AuthMode;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.EnvironmentDefinition;
import mews.wire.proto.HostedRun;
import mews.wire.proto.RegisterApplicationRequest;
import org.jspecify.annotations.Nullable;

/// Everything there is to send about an app, but for what a command decides: names, who may call
/// it, files and packages that must be uploaded first. `Requests` adds those.
///
/// @param project absent: named by its file, not by a key of the project file
/// @param symbol the class or function; the entry point; absent: the image alone
/// @param name as derived from the code; absent where nothing was evaluated
/// @param auth what the class asks for
/// @param endpoints paths it serves, as far as they are known without running it
/// @param pythonVersion `major.minor`
/// @param build as the official client would send it, without names
/// @param run likewise
/// @param register likewise
/// @param files local files to bring along
/// @param requirementsBase what local-path requirements are relative to
public record LoadedApp(
        @Nullable ProjectApp project,
        @Nullable String symbol,
        @Nullable String name,
        @Nullable AuthMode auth,
        List<String> endpoints,
        String pythonVersion,
        BuildEnvironmentRequest build,
        HostedRun run,
        RegisterApplicationRequest register,
        Brought files,
        Path requirementsBase) {

    /// `module:symbol`, if it is an entry point: its metadata must be asked for by a run.
    public @Nullable String entryPoint() {
        return project != null && project.target() instanceof Target.EntryPoint point
                ? point.text()
                : null;
    }

    /// The environment that all three requests carry.
    public EnvironmentDefinition environment() {
        return build.getEnvironments(0);
    }

    /// The same app with another environment in all three requests.
    public LoadedApp withEnvironment(UnaryOperator<EnvironmentDefinition> change) {
        return new LoadedApp(
                project,
                symbol,
                name,
                auth,
                endpoints,
                pythonVersion,
                build.toBuilder()
                        .setEnvironments(0, change.apply(build.getEnvironments(0)))
                        .build(),
                run.toBuilder().setEnvironments(0, change.apply(run.getEnvironments(0))).build(),
                register.toBuilder()
                        .setEnvironments(0, change.apply(register.getEnvironments(0)))
                        .build(),
                files,
                requirementsBase);
    }
}
