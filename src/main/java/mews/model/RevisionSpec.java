package mews.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything a registration or run asks for that cannot change afterwards.
///
/// @param environment what it needs
/// @param callable what to run
/// @param machineTypes in order of preference, at least one
/// @param numGpus accelerators per runner, 0 if none were asked for
/// @param regions allowed regions; empty = any
/// @param exposedPort port of its HTTP server; absent: a function that returns a value
/// @param metricsPort port of its metrics server
/// @param healthCheck explicit check; absent: none but the port
/// @param scale as asked for; an alias may hold tuned values instead
/// @param timeouts as asked for; an alias may hold a tuned request timeout instead
/// @param skipRetryConditions conditions never retried
/// @param retries extra attempts per condition; missing condition = platform default
/// @param secrets exactly these secrets; absent = the account's default exposure
/// @param dataMounts the folders of `/data` that it is shown; empty = all of it
/// @param files app files, or the build context of a container
/// @param privateLogs callers other than the owner see no logs
/// @param metadata shown by the metadata endpoint, `openapi` among it
/// @param sourceCode the app's file, shown to its owner
/// @param snapshot its warm parent runs `setup()` too, if that makes nothing that forks cannot
///   inherit
public record RevisionSpec(
        EnvironmentSpec environment,
        Callable callable,
        List<String> machineTypes,
        int numGpus,
        List<String> regions,
        @Nullable Integer exposedPort,
        @Nullable Integer metricsPort,
        @Nullable HealthCheck healthCheck,
        ScalePolicy scale,
        Timeouts timeouts,
        List<RetryCondition> skipRetryConditions,
        Map<RetryCondition, Integer> retries,
        @Nullable List<String> secrets,
        List<String> dataMounts,
        List<AppFile> files,
        boolean privateLogs,
        Map<String, Object> metadata,
        @Nullable String sourceCode,
        boolean snapshot) {
    /// Whether it answers HTTP, and so can have a URL.
    public boolean served() {
        return exposedPort != null;
    }

    /// The same with another policy.
    public RevisionSpec withScale(ScalePolicy other) {
        return with(exposedPort, metricsPort, healthCheck, other);
    }

    /// The same as a function that returns a value: it serves nothing that could be asked for its
    /// health.
    public RevisionSpec withoutPorts() {
        return with(null, null, null, scale);
    }

    /// What its runners are shown of `/data`.
    public DataMounts mounts() {
        return DataMounts.of(dataMounts);
    }

    private RevisionSpec with(
            @Nullable Integer exposed,
            @Nullable Integer metrics,
            @Nullable HealthCheck health,
            ScalePolicy policy) {
        return new RevisionSpec(
                environment,
                callable,
                machineTypes,
                numGpus,
                regions,
                exposed,
                metrics,
                health,
                policy,
                timeouts,
                skipRetryConditions,
                retries,
                secrets,
                dataMounts,
                files,
                privateLogs,
                metadata,
                sourceCode,
                snapshot);
    }
}
