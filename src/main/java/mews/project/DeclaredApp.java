package mews.project;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import mews.model.RetryCondition;
import mews.wire.proto.ApplicationHealthCheckConfig;
import mews.wire.proto.BuildEnvironmentRequest;
import mews.wire.proto.EnvironmentDefinition;
import mews.wire.proto.HostedRun;
import mews.wire.proto.MachineRequirements;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.SecretsConfig;
import org.jspecify.annotations.Nullable;

/// An app whose code stays unread on the developer's machine: the project file alone says what to
/// send. protocol: control 4.1, 4.6, 5.5
final class DeclaredApp {
    private final ProjectApp app;
    private final @Nullable String entryPoint;
    private final EnvironmentDefinition environment;

    private DeclaredApp(ProjectApp app, String pythonVersion) {
        this.app = app;
        this.entryPoint = app.target() instanceof Target.EntryPoint point ? point.text() : null;
        this.environment = environment(app, pythonVersion);
    }

    /// @param app an entry point, or an image alone
    static LoadedApp of(ProjectApp app, String pythonVersion) {
        return Environment.owned(new DeclaredApp(app, pythonVersion).loaded(pythonVersion));
    }

    private LoadedApp loaded(String pythonVersion) {
        return new LoadedApp(
                app,
                entryPoint,
                null,
                null,
                List.of("/"),
                pythonVersion,
                build(),
                run(),
                register(),
                files(),
                app.code().contextDir());
    }

    private static EnvironmentDefinition environment(ProjectApp app, String pythonVersion) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        ProjectApp.Requirements requirements = app.code().requirements();
        if (requirements != null) {
            configuration.put("requirements", requirements.shape());
        }
        configuration.put("python_version", pythonVersion);
        Map<String, Object> image = ImageDictionary.of(app);
        if (image != null) {
            configuration.put("image", image);
        }
        return EnvironmentDefinition.newBuilder()
                .setKind(image == null ? "virtualenv" : "container")
                .setConfiguration(Structs.struct(configuration))
                .build();
    }

    private BuildEnvironmentRequest build() {
        BuildEnvironmentRequest.Builder build =
                BuildEnvironmentRequest.newBuilder()
                        .addEnvironments(environment)
                        .setMachineRequirements(machine());
        SecretsConfig secrets = secrets();
        if (secrets != null) {
            build.setSecrets(secrets);
        }
        return build.build();
    }

    private HostedRun run() {
        HostedRun.Builder run =
                HostedRun.newBuilder()
                        .addEnvironments(environment)
                        .setMachineRequirements(scaled())
                        .addAllDataMounts(app.serving().dataMounts())
                        .setBuildEnvironment(false);
        if (entryPoint != null) {
            run.setEntrypoint(entryPoint + ".run_local");
        }
        SecretsConfig secrets = secrets();
        if (secrets != null) {
            run.setSecrets(secrets);
        }
        ApplicationHealthCheckConfig health = health();
        if (health != null) {
            run.setHealthCheckConfig(health);
        }
        return run.build();
    }

    private RegisterApplicationRequest register() {
        RegisterApplicationRequest.Builder register =
                RegisterApplicationRequest.newBuilder()
                        .addEnvironments(environment)
                        .setMachineRequirements(scaled())
                        .addAllDataMounts(app.serving().dataMounts())
                        .setBuildEnvironment(false);
        if (entryPoint != null) {
            register.setEntrypoint(entryPoint + ".run_local");
        }
        SecretsConfig secrets = secrets();
        if (secrets != null) {
            register.setSecrets(secrets);
        }
        ApplicationHealthCheckConfig health = health();
        if (health != null) {
            register.setHealthCheckConfig(health);
        }
        if (app.deployment().privateLogs() != null) {
            register.setPrivateLogs(app.deployment().privateLogs());
        }
        if (app.clocks().grace() != null) {
            register.setTerminationGracePeriodSeconds(app.clocks().grace());
        }
        retries(register);
        return register.build();
    }

    private void retries(RegisterApplicationRequest.Builder register) {
        for (RetryCondition condition : app.serving().skipRetryConditions()) {
            register.addSkipRetryConditions(
                    mews.wire.proto.RetryCondition.valueOf(condition.name()));
        }
        if (!app.serving().retries().isEmpty()) {
            register.setRetryConfig(Json.write(AppDefaults.retryConfig(app.serving().retries())));
        }
    }

    /// What a build looks at. The official client sets the old single type too.
    @SuppressWarnings("deprecation")
    private MachineRequirements.Builder machine() {
        ProjectApp.Machine machine = app.machine();
        List<String> types =
                machine.types().isEmpty() ? List.of(AppDefaults.MACHINE_TYPE) : machine.types();
        MachineRequirements.Builder wire =
                MachineRequirements.newBuilder().addAllMachineTypes(types);
        wire.setMachineType(types.getFirst());
        wire.setSchedulerOptions(Structs.struct(machine.schedulerOptions()));
        if (machine.scheduler() != null) {
            wire.setScheduler(machine.scheduler());
        }
        if (machine.numGpus() != null) {
            wire.setNumGpus(machine.numGpus());
        }
        if (machine.regions() != null) {
            wire.addAllValidRegions(machine.regions());
        }
        return wire;
    }

    private MachineRequirements scaled() {
        MachineRequirements.Builder wire = machine();
        Integer keepAlive = app.scaling().keepAlive();
        wire.setKeepAlive(keepAlive == null ? AppDefaults.KEEP_ALIVE : keepAlive);
        set(AppDefaults.exposedPort(app), wire::setExposedPort);
        set(AppDefaults.metricsPort(app), wire::setMetricsPort);
        ProjectApp.Scaling scaling = app.scaling();
        set(scaling.minConcurrency(), wire::setMinConcurrency);
        set(scaling.maxConcurrency(), wire::setMaxConcurrency);
        set(scaling.maxMultiplexing(), wire::setMaxMultiplexing);
        set(scaling.concurrencyBuffer(), wire::setConcurrencyBuffer);
        set(scaling.concurrencyBufferPerc(), wire::setConcurrencyBufferPerc);
        set(scaling.scalingDelay(), wire::setScalingDelaySeconds);
        set(app.clocks().requestTimeout(), wire::setRequestTimeout);
        set(app.clocks().startupTimeout(), wire::setStartupTimeout);
        set(app.clocks().requestStartTimeout(), wire::setRequestStartTimeout);
        return wire.build();
    }

    private interface IntSetter {
        Object set(int value);
    }

    private static void set(@Nullable Integer value, IntSetter setter) {
        if (value != null) {
            setter.set(value);
        }
    }

    private @Nullable SecretsConfig secrets() {
        List<String> names = app.serving().secrets();
        return names == null ? null : SecretsConfig.newBuilder().addAllNames(names).build();
    }

    private @Nullable ApplicationHealthCheckConfig health() {
        ProjectApp.HealthTable health = app.serving().health();
        if (health == null) {
            return null;
        }
        var wire = ApplicationHealthCheckConfig.newBuilder().setPath(health.path());
        set(health.startPeriod(), wire::setStartPeriodSeconds);
        set(health.timeout(), wire::setTimeoutSeconds);
        set(health.failureThreshold(), wire::setFailureThreshold);
        if (health.callRegularly() != null) {
            wire.setCallRegularly(health.callRegularly());
        }
        // protocol: control 6
        String method = health.method() == null && entryPoint == null ? "GET" : health.method();
        if (method != null) {
            wire.setMethod(ApplicationHealthCheckConfig.Method.valueOf(method));
        }
        return wire.build();
    }

    private Brought files() {
        ProjectApp.LocalFiles files = app.files();
        if (app.image() != null) {
            return ImageDictionary.context(app);
        }
        if (files.paths() == null) {
            return AppFiles.Selection.NONE;
        }
        return new AppFiles.Selection(
                files.paths(),
                files.ignore() == null ? AppDefaults.FILES_IGNORE : files.ignore(),
                files.contextDir() == null ? app.folder() : files.contextDir(),
                null,
                null);
    }
}
