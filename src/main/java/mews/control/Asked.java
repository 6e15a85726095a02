package mews.control;

import java.util.List;
import java.util.Map;
import mews.model.AppFile;
import mews.model.HealthCheck;
import mews.model.Refusal;
import mews.model.RetryCondition;
import mews.wire.proto.ApplicationHealthCheckConfig;
import mews.wire.proto.EnvironmentDefinition;
import mews.wire.proto.File;
import mews.wire.proto.HostedRun;
import mews.wire.proto.MachineRequirements;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.SecretsConfig;
import mews.wire.proto.SerializedObject;
import mews.wire.proto.VolumeMount;
import org.jspecify.annotations.Nullable;

/// What a run and a registration have in common on the wire, before it is read; null = absent.
record Asked(
        List<EnvironmentDefinition> environments,
        MachineRequirements machines,
        @Nullable SerializedObject function,
        @Nullable String entrypoint,
        @Nullable SerializedObject setup,
        List<File> files,
        @Nullable SecretsConfig secrets,
        List<String> dataMounts,
        @Nullable ApplicationHealthCheckConfig health,
        @Nullable String healthPath,
        Extras extras) {
    /// What only a registration carries.
    record Extras(
            @Nullable Integer maxConcurrency,
            @Nullable Integer grace,
            List<RetryCondition> skipRetryConditions,
            Map<RetryCondition, Integer> retries,
            boolean privateLogs,
            Map<String, Object> metadata,
            @Nullable String sourceCode,
            boolean snapshot) {
        static final Extras NONE =
                new Extras(null, null, List.of(), Map.of(), false, Map.of(), null, false);
    }

    static Asked of(HostedRun run) {
        refuseVolumes(run.getVolumesList());
        return new Asked(
                run.getEnvironmentsList(),
                run.getMachineRequirements(),
                run.hasFunction() ? run.getFunction() : null,
                run.hasEntrypoint() ? run.getEntrypoint() : null,
                run.hasSetupFunc() ? run.getSetupFunc() : null,
                run.getFilesList(),
                run.hasSecrets() ? run.getSecrets() : null,
                run.getDataMountsList(),
                run.hasHealthCheckConfig() ? run.getHealthCheckConfig() : null,
                null,
                Extras.NONE);
    }

    @SuppressWarnings("deprecation") // An old client may send max_concurrency outside requirements.
    static Asked of(RegisterApplicationRequest request) {
        refuseVolumes(request.getVolumesList());
        return new Asked(
                request.getEnvironmentsList(),
                request.getMachineRequirements(),
                request.hasFunction() ? request.getFunction() : null,
                request.hasEntrypoint() ? request.getEntrypoint() : null,
                request.hasSetupFunc() ? request.getSetupFunc() : null,
                request.getFilesList(),
                request.hasSecrets() ? request.getSecrets() : null,
                request.getDataMountsList(),
                request.hasHealthCheckConfig() ? request.getHealthCheckConfig() : null,
                request.hasHealthCheckPath() ? request.getHealthCheckPath() : null,
                new Extras(
                        request.hasMaxConcurrency() ? request.getMaxConcurrency() : null,
                        request.hasTerminationGracePeriodSeconds()
                                ? request.getTerminationGracePeriodSeconds()
                                : null,
                        request.getSkipRetryConditionsList().stream()
                                .map(Words::condition)
                                .toList(),
                        Retries.parse(request.hasRetryConfig() ? request.getRetryConfig() : null),
                        request.getPrivateLogs(),
                        OwnSettings.without(request.getMetadata()),
                        request.hasSourceCode() ? request.getSourceCode() : null,
                        OwnSettings.snapshot(request.getMetadata())));
    }

    /// What an app writes to a volume must not vanish with its runner.
    private static void refuseVolumes(List<VolumeMount> volumes) {
        if (!volumes.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "volume '%s' is not offered: what lasts is below /data, which every runner of the account has"
                            .formatted(volumes.getFirst().getVolumeName()));
        }
    }

    List<AppFile> appFiles() {
        return files.stream().map(Asked::file).toList();
    }

    /// @param startup the app's startup timeout in seconds: before it, failures cannot count
    @Nullable HealthCheck healthCheck() {
        ApplicationHealthCheckConfig asked = health;
        if (asked == null) {
            return healthPath == null || healthPath.isEmpty()
                    ? null
                    : Words.health(
                            ApplicationHealthCheckConfig.newBuilder().setPath(healthPath).build());
        }
        return Words.health(asked);
    }

    static AppFile file(File file) {
        String path = file.getRelativePath();
        boolean leaves =
                path.startsWith("/")
                        || path.isEmpty()
                        || path.indexOf('\0') >= 0
                        || List.of(path.split("/")).contains("..");
        if (leaves || !file.getHash().matches("[0-9a-f]{64}")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    """
                    file '%s' with hash '%s' is not allowed: a path must be relative, without \
                    '..', and a hash is 64 hexadecimal digits\
                    """
                            .formatted(path, file.getHash()));
        }
        return new AppFile(file.getHash(), path);
    }
}
