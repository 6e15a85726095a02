package mews.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.ApplicationInfo;

/// Apps and revisions as lists show them. protocol: control 7.1
final class AppViews {
    private AppViews() {}

    static Table table() {
        return new Table(
                "APP",
                "ENV",
                "REVISION",
                "AUTH",
                "MIN",
                "MAX",
                "BUFFER",
                "MULTIPLEXING",
                "KEEP ALIVE",
                "MACHINES",
                "RUNNERS");
    }

    static void row(Table table, AliasInfo app) {
        table.row(
                EnvOption.shown(app.getAlias(), app.getEnvironmentName()),
                EnvOption.orMain(app.getEnvironmentName()),
                app.getRevision() + (app.getIsRolling() ? " (rolling)" : ""),
                lower(app.getAuthMode()),
                app.getMinConcurrency(),
                app.getMaxConcurrency(),
                buffer(app.getConcurrencyBufferPerc(), app.getConcurrencyBuffer()),
                app.getMaxMultiplexing(),
                Times.span(app.getKeepAlive()),
                String.join(",", app.getMachineTypesList()),
                app.getActiveRunners());
    }

    static Map<String, Object> json(AliasInfo app) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("alias", EnvOption.shown(app.getAlias(), app.getEnvironmentName()));
        json.put("revision", app.getRevision());
        json.put("auth_mode", lower(app.getAuthMode()));
        json.put("keep_alive", app.getKeepAlive());
        json.put("max_concurrency", app.getMaxConcurrency());
        json.put("max_multiplexing", app.getMaxMultiplexing());
        json.put("active_runners", app.getActiveRunners());
        json.put("min_concurrency", app.getMinConcurrency());
        json.put("concurrency_buffer", app.getConcurrencyBuffer());
        json.put("concurrency_buffer_perc", app.getConcurrencyBufferPerc());
        json.put("scaling_delay", app.getScalingDelaySeconds());
        json.put("machine_types", app.getMachineTypesList());
        json.put("request_timeout", app.getRequestTimeout());
        json.put(
                "request_start_timeout",
                app.hasRequestStartTimeout() ? app.getRequestStartTimeout() : null);
        json.put("startup_timeout", app.getStartupTimeout());
        json.put("valid_regions", app.getValidRegionsList());
        json.put("environment_name", EnvOption.orMain(app.getEnvironmentName()));
        return json;
    }

    static Table revisionTable() {
        return new Table(
                "REVISION", "CREATED", "MIN", "MAX", "MULTIPLEXING", "KEEP ALIVE", "MACHINES");
    }

    static void row(Table table, ApplicationInfo revision) {
        table.row(
                revision.getApplicationId(),
                Times.text(revision.getCreatedAt()),
                revision.getMinConcurrency(),
                revision.getMaxConcurrency(),
                revision.getMaxMultiplexing(),
                Times.span(revision.getKeepAlive()),
                String.join(",", revision.getMachineTypesList()));
    }

    static Map<String, Object> json(ApplicationInfo revision) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("application_id", revision.getApplicationId());
        json.put("created_at", Times.text(revision.getCreatedAt()));
        json.put("min_concurrency", revision.getMinConcurrency());
        json.put("max_concurrency", revision.getMaxConcurrency());
        json.put("max_multiplexing", revision.getMaxMultiplexing());
        json.put("keep_alive", revision.getKeepAlive());
        json.put("machine_types", revision.getMachineTypesList());
        json.put("active_runners", revision.getActiveRunners());
        json.put("environment_name", EnvOption.orMain(revision.getEnvironmentName()));
        return json;
    }

    private static String buffer(int percent, int least) {
        return percent > 0 ? "%d%%, min %d".formatted(percent, least) : String.valueOf(least);
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
