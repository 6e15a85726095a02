package mews.project;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import mews.model.AuthMode;
import org.jspecify.annotations.Nullable;

/// The normal form of an app: every field, with the default where the file does not say. What a
/// class decides for a `ref` app is null. Credentials are masked.
final class AppJson {
    private static final String MASK = "********";

    private AppJson() {}

    /// One line for people.
    static String line(ProjectApp app) {
        String runs =
                switch (app.target()) {
                    case Target.Ref ref -> ref.text();
                    case Target.EntryPoint point -> point.text();
                    case Target.ImageOnly ignored -> "its image alone";
                };
        List<String> types = app.machine().types();
        return "%s  %s%s".formatted(app.key(), runs, types.isEmpty() ? "" : "  " + types);
    }

    static Map<String, Object> of(ProjectApp app) {
        Map<String, Object> json = new LinkedHashMap<>();
        boolean ref = app.target() instanceof Target.Ref;
        target(json, app.target());
        deployment(json, app.deployment());
        code(json, app.code());
        machine(json, app.machine(), ref);
        scaling(json, app.scaling(), ref);
        clocks(json, app.clocks());
        files(json, app);
        serving(json, app);
        json.put("image", app.image() == null ? null : image(app.image()));
        json.put("read_only", app.own().readOnly());
        json.put("snapshot", app.own().snapshot() ? Values.AFTER_SETUP : null);
        return json;
    }

    private static void target(Map<String, Object> json, Target target) {
        json.put("ref", target instanceof Target.Ref ref ? ref.text() : null);
        json.put(
                "python_entry_point",
                target instanceof Target.EntryPoint point ? point.text() : null);
    }

    private static void deployment(Map<String, Object> json, ProjectApp.Deployment deployment) {
        AuthMode auth = deployment.auth();
        json.put("name", deployment.name());
        json.put("auth", auth == null ? null : auth.name().toLowerCase(Locale.ROOT));
        json.put("team", deployment.team());
        json.put("deployment_strategy", deployment.strategy().name().toLowerCase(Locale.ROOT));
        json.put("app_scale_settings", deployment.appScaleSettings());
        json.put("private_logs", Boolean.TRUE.equals(deployment.privateLogs()));
    }

    private static void code(Map<String, Object> json, ProjectApp.Code code) {
        ProjectApp.Requirements requirements = code.requirements();
        json.put("requirements", requirements == null ? List.of() : requirements.shape());
        json.put("requirements_context_dir", code.contextDir().toString());
        json.put("python_version", code.pythonVersion());
    }

    private static void machine(Map<String, Object> json, ProjectApp.Machine machine, boolean ref) {
        List<String> unset = ref ? null : List.of(AppDefaults.MACHINE_TYPE);
        json.put("machine_type", machine.types().isEmpty() ? unset : machine.types());
        json.put("num_gpus", machine.numGpus());
        json.put("regions", machine.regions() == null ? List.of() : machine.regions());
    }

    private static void scaling(Map<String, Object> json, ProjectApp.Scaling scaling, boolean ref) {
        int min = or(scaling.minConcurrency(), AppDefaults.MIN_CONCURRENCY);
        json.put("min_concurrency", min);
        json.put(
                "max_concurrency",
                or(scaling.maxConcurrency(), Math.max(AppDefaults.MAX_CONCURRENCY, min)));
        json.put("max_multiplexing", or(scaling.maxMultiplexing(), AppDefaults.MAX_MULTIPLEXING));
        json.put("concurrency_buffer", or(scaling.concurrencyBuffer(), 0));
        json.put("concurrency_buffer_perc", or(scaling.concurrencyBufferPerc(), 0));
        json.put("scaling_delay", or(scaling.scalingDelay(), 0));
        Integer keepAlive = scaling.keepAlive();
        json.put("keep_alive", ref ? keepAlive : (Integer) or(keepAlive, AppDefaults.KEEP_ALIVE));
    }

    private static void clocks(Map<String, Object> json, ProjectApp.Clocks clocks) {
        json.put("request_timeout", or(clocks.requestTimeout(), AppDefaults.REQUEST_TIMEOUT));
        json.put("startup_timeout", or(clocks.startupTimeout(), AppDefaults.STARTUP_TIMEOUT));
        json.put("termination_grace_period_seconds", or(clocks.grace(), AppDefaults.GRACE));
    }

    private static void files(Map<String, Object> json, ProjectApp app) {
        ProjectApp.LocalFiles files = app.files();
        Path context = files.contextDir();
        List<String> ignore = files.ignore();
        json.put("app_files", files.paths() == null ? List.of() : files.paths());
        json.put("app_files_ignore", ignore == null ? AppDefaults.FILES_IGNORE : ignore);
        Path base = context == null ? AppFiles.base(app.folder(), app.target()) : context;
        json.put("app_files_context_dir", base.toString());
    }

    private static void serving(Map<String, Object> json, ProjectApp app) {
        ProjectApp.Serving serving = app.serving();
        json.put("exposed_port", AppDefaults.exposedPort(app));
        json.put("metrics_port", AppDefaults.metricsPort(app));
        json.put(
                "skip_retry_conditions",
                serving.skipRetryConditions().stream()
                        .map(condition -> condition.name().toLowerCase(Locale.ROOT))
                        .toList());
        json.put("retry_config", AppDefaults.retryConfig(serving.retries()));
        json.put("secrets", serving.secrets());
        json.put(
                "data_mounts",
                serving.dataMounts().isEmpty() ? List.of("/data") : serving.dataMounts());
        json.put("health_check", serving.health() == null ? null : health(serving.health()));
    }

    private static Map<String, Object> health(ProjectApp.HealthTable health) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("path", health.path());
        json.put("method", health.method());
        json.put("start_period_seconds", or(health.startPeriod(), AppDefaults.START_PERIOD));
        json.put("timeout_seconds", or(health.timeout(), AppDefaults.CHECK_TIMEOUT));
        json.put("failure_threshold", or(health.failureThreshold(), AppDefaults.FAILURES));
        json.put("call_regularly", !Boolean.FALSE.equals(health.callRegularly()));
        return json;
    }

    private static Map<String, Object> image(ProjectApp.ImageTable image) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dockerfile", image.dockerfile() == null ? null : image.dockerfile().toString());
        json.put("image", image.reference());
        json.put("build_args", image.buildArgs());
        json.put("secrets", masked(image.secrets()));
        Map<String, Object> registries = new LinkedHashMap<>();
        image.registries().forEach((name, login) -> registries.put(name, masked(login)));
        json.put("registries", registries);
        json.put("entrypoint", image.entrypoint());
        json.put("cmd", image.cmd());
        return json;
    }

    /// `$NAME` is the name of a secret, not its value.
    private static Map<String, String> masked(Map<String, String> values) {
        Map<String, String> masked = new LinkedHashMap<>();
        values.forEach((name, value) ->
                masked.put(name, value.startsWith("$") || name.equals("username") ? value : MASK));
        return masked;
    }

    private static int or(@Nullable Integer value, int otherwise) {
        return value == null ? otherwise : value;
    }
}
