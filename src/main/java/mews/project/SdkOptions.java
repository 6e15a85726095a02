package mews.project;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A project file's settings under the names that the official SDK has for them; only what the file
/// says, since everything else is the class's to decide. protocol: control 6
final class SdkOptions {
    private final Map<String, Object> host = new LinkedHashMap<>();
    private final Map<String, Object> environment = new LinkedHashMap<>();
    private final Map<String, Object> gateway = new LinkedHashMap<>();

    private SdkOptions() {}

    /// @return `host`, `environment` and `gateway`
    static Map<String, Object> of(ProjectApp app) {
        SdkOptions options = new SdkOptions();
        options.code(app.code());
        options.machine(app.machine());
        options.scaling(app.scaling());
        options.clocks(app.clocks());
        options.files(app.files());
        options.serving(app.serving());
        options.image(app);
        options.host("private_logs", app.deployment().privateLogs());
        return Map.of(
                "host", options.host,
                "environment", options.environment,
                "gateway", options.gateway);
    }

    private void code(ProjectApp.Code code) {
        if (code.requirements() != null) {
            environment.put("requirements", code.requirements().shape());
        }
        if (code.requirements() != null || code.contextSet()) {
            host.put("requirements_context_dir", code.contextDir().toString());
        }
        if (code.pythonVersion() != null) {
            environment.put("python_version", code.pythonVersion());
        }
    }

    private void image(ProjectApp app) {
        Map<String, Object> image = ImageDictionary.of(app);
        if (image != null) {
            environment.put("kind", "container");
            environment.put("image", image);
        }
    }

    private void machine(ProjectApp.Machine machine) {
        List<String> types = machine.types();
        host("machine_type", types.isEmpty() ? null : types.size() == 1 ? types.getFirst() : types);
        host("num_gpus", machine.numGpus());
        host("regions", machine.regions());
        host("_scheduler", machine.scheduler());
        host("_scheduler_options", unlessEmpty(machine.schedulerOptions()));
    }

    private void scaling(ProjectApp.Scaling scaling) {
        host("min_concurrency", scaling.minConcurrency());
        host("max_concurrency", scaling.maxConcurrency());
        host("max_multiplexing", scaling.maxMultiplexing());
        host("concurrency_buffer", scaling.concurrencyBuffer());
        host("concurrency_buffer_perc", scaling.concurrencyBufferPerc());
        host("scaling_delay", scaling.scalingDelay());
        host("keep_alive", scaling.keepAlive());
    }

    private void clocks(ProjectApp.Clocks clocks) {
        host("request_timeout", clocks.requestTimeout());
        host("request_start_timeout", clocks.requestStartTimeout());
        host("startup_timeout", clocks.startupTimeout());
        host("termination_grace_period_seconds", clocks.grace());
    }

    private void files(ProjectApp.LocalFiles files) {
        host("app_files", files.paths());
        host("app_files_ignore", files.ignore());
        host(
                "app_files_context_dir",
                files.contextDir() == null ? null : files.contextDir().toString());
    }

    private void serving(ProjectApp.Serving serving) {
        if (serving.exposedPort() != null) {
            gateway.put("exposed_port", serving.exposedPort());
        }
        host("metrics_port", serving.metricsPort());
        host("health_check_config", serving.health() == null ? null : health(serving.health()));
        List<String> skipped =
                serving.skipRetryConditions().stream()
                        .map(condition -> condition.name().toLowerCase(Locale.ROOT))
                        .toList();
        host("skip_retry_conditions", skipped.isEmpty() ? null : skipped);
        host("retry_config", unlessEmpty(AppDefaults.retryConfig(serving.retries())));
        host("secrets", serving.secrets());
        host("data_mounts", serving.dataMounts().isEmpty() ? null : serving.dataMounts());
    }

    private static Map<String, @Nullable Object> health(ProjectApp.HealthTable health) {
        Map<String, @Nullable Object> table = new LinkedHashMap<>();
        table.put("path", health.path());
        table.put("start_period_seconds", health.startPeriod());
        table.put("timeout_seconds", health.timeout());
        table.put("failure_threshold", health.failureThreshold());
        table.put("call_regularly", health.callRegularly());
        table.put("method", health.method());
        return table;
    }

    private void host(String key, @Nullable Object value) {
        if (value != null) {
            host.put(key, value);
        }
    }

    private static @Nullable Object unlessEmpty(Map<String, ?> map) {
        return map.isEmpty() ? null : map;
    }
}
