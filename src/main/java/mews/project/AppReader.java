package mews.project;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.model.AuthMode;
import mews.model.DeploymentStrategy;
import mews.model.RetryCondition;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlTable;

/// Reads one table of `[tool.fal.apps]`: each field by itself. `AppRules` then looks at what fields
/// mean together. protocol: control 6
final class AppReader {
    private static final List<String> RETRY_CONDITIONS =
            List.of("timeout", "server_error", "connection_error");

    private final String key;
    private final Fields fields;
    private final Path folder;
    private final ProjectApp.Own own;
    private final Values values;

    /// @param own read already, from the table of our own settings
    AppReader(String key, Fields fields, Path folder, ProjectApp.Own own) {
        this.own = own;
        this.key = key;
        this.fields = fields;
        this.folder = folder;
        this.values = new Values(fields);
    }

    /// @return absent if it does not even say what to run; otherwise the app, which counts only if
    ///   no error was noted meanwhile
    @Nullable ProjectApp read() {
        Target target = new TargetReader(fields, folder).read();
        ProjectApp.Deployment deployment = deployment();
        ProjectApp.Code code = new CodeReader(fields, folder).read();
        ProjectApp.Machine machine = machine();
        ProjectApp.Scaling scaling = scaling();
        ProjectApp.Clocks clocks = clocks();
        ProjectApp.LocalFiles files = new FilesReader(fields, folder, target).read();
        ProjectApp.Serving serving = serving();
        Fields imageFields = fields.table("image");
        ProjectApp.ImageTable image =
                imageFields == null ? null : new ImageReader(imageFields, folder).read();
        if (target != null) {
            new AppRules(fields, target).check(machine, scaling, serving, image);
        }
        fields.finish();
        return target == null
                ? null
                : new ProjectApp(
                        key,
                        folder,
                        target,
                        deployment,
                        code,
                        machine,
                        scaling,
                        clocks,
                        files,
                        serving,
                        image,
                        own);
    }

    private ProjectApp.Deployment deployment() {
        String name = fields.word("name");
        values.alias(fields.has("name") ? "name" : null, name == null ? key : name);
        AuthMode auth = values.choice("auth", AuthMode.class);
        DeploymentStrategy strategy =
                values.choice("deployment_strategy", DeploymentStrategy.class);
        return new ProjectApp.Deployment(
                name == null ? key : name,
                auth,
                fields.word("team"),
                strategy == null ? DeploymentStrategy.ROLLING : strategy,
                scaleSettings(),
                fields.flag("private_logs"));
    }

    private boolean scaleSettings() {
        Boolean settings = fields.flag("app_scale_settings");
        Boolean noScale = fields.flag("no_scale");
        if (!fields.has("no_scale")) {
            return settings != null && settings;
        }
        if (fields.has("app_scale_settings")) {
            fields.error(
                    "no_scale",
                    "conflict",
                    "'no_scale' and 'app_scale_settings' both say whether to take the file's scale",
                    "keep 'app_scale_settings'");
            return false;
        }
        boolean meant = noScale != null && !noScale;
        fields.warn(
                "no_scale",
                "deprecated",
                "'no_scale' is deprecated",
                "write app_scale_settings = " + meant);
        return meant;
    }

    private ProjectApp.Machine machine() {
        Object types = fields.textOrTexts("machine_type");
        List<String> list = values.machineTypes(types);
        Fields options = fields.table("_scheduler_options");
        return new ProjectApp.Machine(
                list,
                fields.number("num_gpus"),
                values.regions(fields.texts("regions")),
                fields.word("_scheduler"),
                options == null ? Map.of() : plain("_scheduler_options"));
    }

    private Map<String, Object> plain(String table) {
        return fields.raw(table) instanceof TomlTable value ? value.toMap() : Map.of();
    }

    private ProjectApp.Scaling scaling() {
        return new ProjectApp.Scaling(
                fields.number("min_concurrency"),
                fields.number("max_concurrency"),
                fields.number("max_multiplexing"),
                fields.number("concurrency_buffer"),
                fields.number("concurrency_buffer_perc"),
                fields.number("scaling_delay"),
                fields.number("keep_alive"));
    }

    private ProjectApp.Clocks clocks() {
        return new ProjectApp.Clocks(
                fields.number("request_timeout"),
                fields.number("request_start_timeout"),
                fields.number("startup_timeout"),
                fields.number("termination_grace_period_seconds"));
    }

    private ProjectApp.Serving serving() {
        return new ProjectApp.Serving(
                fields.number("exposed_port"),
                fields.number("metrics_port"),
                health(fields.table("health_check")),
                skipped(),
                retries(fields.table("retry_config")),
                values.secretNames(fields.texts("secrets")),
                values.mounts(fields.texts("data_mounts")));
    }

    private ProjectApp.@Nullable HealthTable health(@Nullable Fields table) {
        if (table == null) {
            return null;
        }
        String path = table.word("path");
        if (!table.has("path")) {
            table.missing(table.where() + " needs 'path'", "add path = \"/health\"");
        } else if (path != null && !path.startsWith("/")) {
            table.error(
                    "path",
                    "out_of_range",
                    "'path' of a health check must begin with '/', was '%s'".formatted(path),
                    "write path = \"/%s\"".formatted(path));
        }
        var health =
                new ProjectApp.HealthTable(
                        path == null ? "/" : path,
                        table.number("start_period_seconds"),
                        table.number("timeout_seconds"),
                        table.number("failure_threshold"),
                        table.flag("call_regularly"),
                        new Values(table).method("method"));
        table.finish();
        return health;
    }

    private List<RetryCondition> skipped() {
        List<String> names = fields.texts("skip_retry_conditions");
        return names == null
                ? List.of()
                : values.known("skip_retry_conditions", names, RETRY_CONDITIONS).stream()
                        .map(Values::retryCondition)
                        .toList();
    }

    private Map<RetryCondition, Integer> retries(@Nullable Fields table) {
        Map<RetryCondition, Integer> retries = new LinkedHashMap<>();
        if (table == null) {
            return retries;
        }
        if (table.keys().isEmpty()) {
            table.missing("'retry_config' names no condition", "add timeout = { retries = 1 }");
        }
        for (String condition : RETRY_CONDITIONS) {
            Fields entry = table.table(condition);
            if (entry != null) {
                Integer count = entry.number("retries");
                if (!entry.has("retries")) {
                    entry.missing(
                            "'retry_config.%s' needs 'retries'".formatted(condition),
                            "add retries = 1");
                }
                entry.finish();
                retries.put(Values.retryCondition(condition), count == null ? 0 : count);
            }
        }
        table.finish();
        return retries;
    }
}
