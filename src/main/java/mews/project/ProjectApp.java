package mews.project;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;

/// One app of a project file, checked: types and bounds hold, paths are absolute, exclusions are
/// respected. An absent value means that the file does not say; for `ref` apps the class then
/// decides, for all others the platform's default of `AppDefaults`.
///
/// @param key its name under `[tool.fal.apps]`
/// @param folder where the project file stands
/// @param image absent: a managed environment
public record ProjectApp(
        String key,
        Path folder,
        Target target,
        Deployment deployment,
        Code code,
        Machine machine,
        Scaling scaling,
        Clocks clocks,
        LocalFiles files,
        Serving serving,
        @Nullable ImageTable image,
        Own own) {

    /// What only a deploy looks at.
    ///
    /// @param name the file's, else the key
    /// @param appScaleSettings true: the file's scale settings replace tuned ones
    public record Deployment(
            String name,
            @Nullable AuthMode auth,
            @Nullable String team,
            DeploymentStrategy strategy,
            boolean appScaleSettings,
            @Nullable Boolean privateLogs) {}

    /// @param contextDir what local-path requirements are relative to
    /// @param contextSet whether the file says so itself
    /// @param pythonVersion `major.minor`
    public record Code(
            @Nullable Requirements requirements,
            Path contextDir,
            boolean contextSet,
            @Nullable String pythonVersion) {}

    /// @param layered written as a list of lists
    public record Requirements(List<List<String>> layers, boolean layered) {
        public Requirements {
            layers = layers.stream().map(List::copyOf).toList();
        }

        /// As the file has it: a list of strings, or of lists.
        public Object shape() {
            return layered || layers.isEmpty() ? layers : layers.getFirst();
        }
    }

    /// @param types in order of preference; empty: not said
    /// @param scheduler passed on as it is, of no effect here
    public record Machine(
            List<String> types,
            @Nullable Integer numGpus,
            @Nullable List<String> regions,
            @Nullable String scheduler,
            Map<String, Object> schedulerOptions) {}

    public record Scaling(
            @Nullable Integer minConcurrency,
            @Nullable Integer maxConcurrency,
            @Nullable Integer maxMultiplexing,
            @Nullable Integer concurrencyBuffer,
            @Nullable Integer concurrencyBufferPerc,
            @Nullable Integer scalingDelay,
            @Nullable Integer keepAlive) {}

    /// In seconds.
    public record Clocks(
            @Nullable Integer requestTimeout,
            @Nullable Integer requestStartTimeout,
            @Nullable Integer startupTimeout,
            @Nullable Integer grace) {}

    /// @param ignore regular expressions; absent: the default ones
    /// @param contextDir absent: the app file's folder, or the project's without an app file
    public record LocalFiles(
            @Nullable List<String> paths,
            @Nullable List<String> ignore,
            @Nullable Path contextDir) {}

    /// @param secrets absent: the account's default exposure; empty: none
    public record Serving(
            @Nullable Integer exposedPort,
            @Nullable Integer metricsPort,
            @Nullable HealthTable health,
            List<RetryCondition> skipRetryConditions,
            Map<RetryCondition, Integer> retries,
            @Nullable List<String> secrets,
            List<String> dataMounts) {}

    /// @param method `GET` or `POST`
    public record HealthTable(
            String path,
            @Nullable Integer startPeriod,
            @Nullable Integer timeout,
            @Nullable Integer failureThreshold,
            @Nullable Boolean callRegularly,
            @Nullable String method) {}

    /// Exactly one of `dockerfile` and `reference`. Holds tokens: never shown whole.
    ///
    /// @param dockerfile absolute
    /// @param registries user name and password by registry
    /// @param entrypoint a string or a list of strings
    /// @param cmd a string or a list of strings
    public record ImageTable(
            @Nullable Path dockerfile,
            @Nullable String reference,
            Map<String, String> buildArgs,
            Map<String, Map<String, String>> registries,
            Map<String, String> secrets,
            @Nullable Object entrypoint,
            @Nullable Object cmd) {
        @Override
        public String toString() {
            return "ImageTable[" + (dockerfile != null ? dockerfile : reference) + "]";
        }
    }

    /// What `[tool.mews.apps.<key>]` says.
    ///
    /// @param readOnly the image's files cannot be changed by its runners
    /// @param snapshot a warm parent runs `setup()` too
    public record Own(boolean readOnly, boolean snapshot) {}

    /// The file to load, if this is a `ref` app.
    public @Nullable Path appFile() {
        return target instanceof Target.Ref ref ? ref.file() : null;
    }
}
