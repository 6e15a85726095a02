package mews.project;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import java.util.List;
import java.util.Map;
import mews.model.AppFile;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.wire.proto.ApplicationAuthMode;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.EnvironmentDefinition;
import mews.wire.proto.File;
import mews.wire.proto.HostedRun;
import mews.wire.proto.MachineRequirements;
import mews.wire.proto.RegisterApplicationRequest;
import org.jspecify.annotations.Nullable;

/// The messages for a server, from an app and what a command decides about it. A choice of the
/// command beats the project file, which beats the class. protocol: control 2.4 to 2.6
public final class Requests {
    private static final String MAIN = "main";

    private final LoadedApp app;
    private final Choices choices;

    /// @param app with its local packages uploaded already
    public Requests(LoadedApp app, Choices choices) {
        this.app = app;
        this.choices = choices;
    }

    /// What the command line says.
    ///
    /// @param appName absent: not given
    /// @param auth absent: not given
    /// @param environment a named environment; absent or `main`: the main one
    /// @param machineType replaces all of the app's
    /// @param noCache build the environment anew
    /// @param files already uploaded
    public record Choices(
            @Nullable String appName,
            @Nullable AuthMode auth,
            @Nullable String environment,
            @Nullable String machineType,
            boolean noCache,
            List<AppFile> files) {
        public static final Choices NONE = new Choices(null, null, null, null, false, List.of());

        public Choices withFiles(List<AppFile> uploaded) {
            return new Choices(
                    appName, auth, environment, machineType, noCache, List.copyOf(uploaded));
        }
    }

    /// What only a deploy decides.
    ///
    /// @param strategy absent: the file's, else rolling
    /// @param resetScale absent: the file's
    /// @param attach absent: the server's default
    /// @param message shown beside the revision
    /// @param metadata what the entry point's probe returned; absent: what was evaluated here
    public record Deploy(
            @Nullable DeploymentStrategy strategy,
            @Nullable Boolean resetScale,
            @Nullable Boolean attach,
            @Nullable String message,
            Map<String, String> annotations,
            @Nullable Struct metadata) {
        public static final Deploy PLAIN = new Deploy(null, null, null, null, Map.of(), null);
    }

    /// The name it is deployed under, without its environment: the command's, the file's, the
    /// code's.
    ///
    /// @return absent: nobody named it
    public @Nullable String deployName() {
        if (choices.appName() != null) {
            return choices.appName();
        }
        return app.project() != null ? app.project().deployment().name() : app.name();
    }

    /// Who may call the deployed app: the command, the file, the class.
    ///
    /// @return absent: nobody says, so only its owner
    public @Nullable AuthMode deployAuth() {
        if (choices.auth() != null) {
            return choices.auth();
        }
        AuthMode files = app.project() == null ? null : app.project().deployment().auth();
        return files != null ? files : app.auth();
    }

    public BuildEnvironmentRequest buildForRun() {
        return build(choices.appName() != null ? choices.appName() : app.name());
    }

    public BuildEnvironmentRequest buildForDeploy() {
        return build(deployName());
    }

    private BuildEnvironmentRequest build(@Nullable String name) {
        BuildEnvironmentRequest.Builder build = app.build().toBuilder().addAllFiles(files());
        // Only here: the run or registration that follows is to find what was built.
        if (choices.noCache()) {
            EnvironmentDefinition forced =
                    build.getEnvironments(0).toBuilder().setForce(true).build();
            build.setEnvironments(0, forced);
        }
        build.setMachineRequirements(machine(build.getMachineRequirements()));
        if (name != null) {
            build.setApplicationName(suffixed(name));
        }
        if (named()) {
            build.setEnvironmentName(choices.environment());
        }
        return build.build();
    }

    /// Public unless the command says otherwise, whatever file and class say.
    public HostedRun run() {
        HostedRun.Builder run = app.run().toBuilder().addAllFiles(files());
        run.setMachineRequirements(machine(run.getMachineRequirements()));
        run.setAuthMode(wire(choices.auth() == null ? AuthMode.PUBLIC : choices.auth()));
        String name = choices.appName() != null ? choices.appName() : app.name();
        if (name == null && run.hasEntrypoint()) {
            name = run.getEntrypoint();
        }
        if (name != null) {
            run.setApplicationName(suffixed(name));
        }
        if (named()) {
            run.setEnvironmentName(choices.environment());
        }
        return run.build();
    }

    /// Asks an entry point what it serves; its result is a pickled dictionary. protocol: control
    /// 5.5
    ///
    /// @return absent: the app is no entry point
    public @Nullable HostedRun probe() {
        String entryPoint = app.entryPoint();
        return entryPoint == null
                ? null
                : run().toBuilder()
                        .setEntrypoint(entryPoint + ".build_metadata")
                        .setAuthMode(ApplicationAuthMode.PUBLIC)
                        .build();
    }

    public RegisterApplicationRequest register(Deploy deploy) {
        ProjectApp project = app.project();
        RegisterApplicationRequest.Builder register =
                app.register().toBuilder().addAllFiles(files());
        register.setMachineRequirements(machine(register.getMachineRequirements()));
        String name = deployName();
        if (name != null) {
            register.setApplicationName(suffixed(name));
        }
        AuthMode auth = deployAuth();
        if (auth != null) {
            register.setAuthMode(wire(auth));
        }
        if (named()) {
            register.setEnvironmentName(choices.environment());
        }
        register.setDeploymentStrategy(wire(strategy(deploy, project)));
        register.setScale(
                deploy.resetScale() != null
                        ? deploy.resetScale()
                        : project != null && project.deployment().appScaleSettings());
        if (deploy.attach() != null) {
            register.setAttachToDeployment(deploy.attach());
        }
        boolean snapshot = project != null && project.own().snapshot();
        Struct metadata = metadata(register.getMetadata(), deploy, snapshot);
        if (metadata.getFieldsCount() > 0) {
            register.setMetadata(metadata);
        }
        return register.build();
    }

    private static DeploymentStrategy strategy(Deploy deploy, @Nullable ProjectApp project) {
        if (deploy.strategy() != null) {
            return deploy.strategy();
        }
        return project == null ? DeploymentStrategy.ROLLING : project.deployment().strategy();
    }

    /// @param snapshot a setting of Mews' own, which fal's messages have no field for
    private static Struct metadata(Struct evaluated, Deploy deploy, boolean snapshot) {
        Struct.Builder metadata =
                (deploy.metadata() == null ? evaluated : deploy.metadata()).toBuilder();
        if (deploy.message() != null) {
            metadata.putFields(
                    "message", Value.newBuilder().setStringValue(deploy.message()).build());
        }
        if (!deploy.annotations().isEmpty()) {
            metadata.putFields("annotations", Structs.value(deploy.annotations()));
        }
        if (snapshot) {
            metadata.putFields("mews", Structs.value(Map.of("snapshot", Values.AFTER_SETUP)));
        }
        return metadata.build();
    }

    /// The official client sets the old single type too.
    @SuppressWarnings("deprecation")
    private MachineRequirements machine(MachineRequirements asked) {
        String type = choices.machineType();
        return type == null
                ? asked
                : asked.toBuilder()
                        .setMachineType(type)
                        .clearMachineTypes()
                        .addMachineTypes(type)
                        .build();
    }

    private List<File> files() {
        return choices.files().stream()
                .map(file ->
                        File.newBuilder()
                                .setHash(file.hash())
                                .setRelativePath(file.relativePath())
                                .build())
                .toList();
    }

    private boolean named() {
        String environment = choices.environment();
        return environment != null && !environment.isEmpty() && !environment.equals(MAIN);
    }

    private String suffixed(String name) {
        return named() ? name + AppName.ENVIRONMENT_MARK + choices.environment() : name;
    }

    private static ApplicationAuthMode wire(AuthMode auth) {
        return ApplicationAuthMode.valueOf(auth.name());
    }

    private static mews.wire.proto.DeploymentStrategy wire(DeploymentStrategy strategy) {
        return mews.wire.proto.DeploymentStrategy.valueOf(strategy.name());
    }
}
