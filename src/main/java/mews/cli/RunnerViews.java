package mews.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import mews.wire.proto.RunnerInfo;

/// Runners as lists show them. protocol: control 7.2
final class RunnerViews {
    private static final Set<String> STATES =
            Set.of(
                    "idle",
                    "running",
                    "pending",
                    "docker_pull",
                    "setup",
                    "crash_backoff",
                    "draining",
                    "terminating",
                    "terminated",
                    "all");

    private RunnerViews() {}

    static void print(List<RunnerInfo> runners, List<String> states, OutputOptions output) {
        Set<String> wanted = Set.copyOf(lower(states));
        for (String state : wanted) {
            if (!STATES.contains(state)) {
                throw Failure.badInput(
                        "unknown state '%s'; there are %s",
                        state, String.join(", ", STATES.stream().sorted().toList()));
            }
        }
        Table table =
                new Table(
                        "RUNNER",
                        "APP",
                        "REVISION",
                        "STATE",
                        "IN FLIGHT",
                        "UPTIME",
                        "EXPIRES",
                        "MACHINE",
                        "STARTED",
                        "ISOLATION");
        List<Map<String, Object>> json = new ArrayList<>();
        for (RunnerInfo runner : runners) {
            if (wanted.contains("all") || wanted.contains(state(runner))) {
                row(table, runner);
                json.add(json(runner));
            }
        }
        output.print(Map.of("runners", json), table);
    }

    private static List<String> lower(List<String> states) {
        return states.stream().map(state -> state.toLowerCase(Locale.ROOT)).toList();
    }

    private static void row(Table table, RunnerInfo runner) {
        table.row(
                runner.getRunnerId(),
                runner.getAlias(),
                runner.getRevision(),
                state(runner)
                        + (runner.getReplacement() == RunnerInfo.ReplaceState.WILL_REPLACE
                                ? " (*)"
                                : ""),
                runner.getInFlightRequests(),
                Times.span(runner.getUptime()),
                runner.hasExpirationCountdown()
                        ? Times.span(runner.getExpirationCountdown())
                        : "N/A",
                runner.getMachineType(),
                told(runner, "started"),
                told(runner, "isolation").replaceFirst(":.*", ""));
    }

    private static Map<String, Object> json(RunnerInfo runner) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("runner_id", runner.getRunnerId());
        json.put("alias", runner.getAlias());
        json.put("revision", runner.getRevision());
        json.put("state", state(runner));
        json.put("in_flight_requests", runner.getInFlightRequests());
        json.put("uptime", runner.getUptime());
        if (runner.hasExpirationCountdown()) {
            json.put("expiration_countdown", runner.getExpirationCountdown());
        }
        json.put("machine_type", runner.getMachineType());
        json.put("started", told(runner, "started"));
        json.put("isolation", told(runner, "isolation"));
        return json;
    }

    static String state(RunnerInfo runner) {
        return switch (runner.getState()) {
            case FAILURE_DELAY -> "crash_backoff";
            case DEAD, TERMINATED -> "terminated";
            default -> runner.getState().name().toLowerCase(Locale.ROOT);
        };
    }

    /// What shuts the runner in and how it was started, where the server tells it.
    private static String told(RunnerInfo runner, String what) {
        var told = runner.getExternalMetadata().getFieldsMap().get(what);
        return told == null ? "" : told.getStringValue();
    }
}
