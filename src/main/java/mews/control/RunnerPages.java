package mews.control;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import mews.control.Router.Access;
import mews.fleet.Fleet;
import mews.history.History;
import mews.history.RunnerStory;
import mews.model.Fact;
import mews.model.Refusal;
import mews.model.RunnerTimeline;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.NullNode;

/// One runner from its order to its end.
final class RunnerPages {
    private final Fleet fleet;
    private final History history;

    RunnerPages(ControlRooms rooms) {
        this.fleet = rooms.fleet();
        this.history = rooms.history();
    }

    void routes(Router router) {
        router.on("GET", "/v1/mews/runners/{id}", Access.ADMIN, this::runner);
    }

    private void runner(Exchange exchange) {
        UUID id = Words.id("runner", exchange.part("id"));
        RunnerTimeline runner =
                fleet.timeline(id)
                        .filter(found -> found.app().owner().equals(exchange.caller().account()))
                        .orElseThrow(() ->
                                new Refusal(
                                        Refusal.Kind.NOT_FOUND,
                                        "runner '%s' not found; ended ones are kept for 30 days"
                                                .formatted(id)));
        history.flush();
        RunnerStory story = RunnerStory.of(runner, history.of(Fact.Subject.RUNNER, id.toString()));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("runner_id", id.toString());
        json.put("app", runner.app().toString());
        json.put("revision", runner.revision().toString());
        json.put("machine_type", runner.machineType());
        json.put("isolation", runner.isolation());
        json.put("state", state(runner));
        StopReason reason = runner.reason();
        json.put("reason", reason == null ? NullNode.getInstance() : code(reason));
        json.put("detail", reason == null ? "" : reason.detail());
        json.put(
                "exit_code",
                runner.exitCode() == null ? NullNode.getInstance() : runner.exitCode());
        json.put("timeline", timeline(runner, ordered(runner)));
        json.put("phases", story.phases().stream().map(RunnerPages::phase).toList());
        exchange.json(200, json);
    }

    /// While it lives the fleet knows best whether it serves something.
    private String state(RunnerTimeline runner) {
        return fleet.find(runner.id())
                .map(view -> Listings.state(view).name())
                .orElse(runner.stoppedAt() == null ? "TERMINATING" : "TERMINATED");
    }

    /// Why it was ordered, as it was decided then.
    private String ordered(RunnerTimeline runner) {
        Instant at = runner.createdAt();
        return history
                .between(
                        Fact.Subject.ALIAS,
                        runner.app().toString(),
                        at.minusSeconds(5),
                        at.plusSeconds(5))
                .stream()
                .filter(fact -> runner.id().toString().equals(fact.details().get("runner")))
                .map(fact -> fact.details().getOrDefault("why", ""))
                .findFirst()
                .orElse("");
    }

    private static List<Map<String, Object>> timeline(RunnerTimeline runner, String ordered) {
        StopReason reason = runner.reason();
        String why =
                reason == null
                        ? ""
                        : reason.detail().isEmpty()
                                ? code(reason)
                                : code(reason) + ": " + reason.detail();
        List<Map<String, Object>> states = new ArrayList<>();
        state(states, "PENDING", runner.createdAt(), ordered);
        state(states, "SETUP", runner.setupAt(), "its process was started");
        state(states, "IDLE", runner.readyAt(), "ready for requests");
        state(states, "DRAINING", runner.drainingAt(), why);
        state(states, "TERMINATING", runner.terminatingAt(), why);
        state(states, "TERMINATED", runner.stoppedAt(), why);
        return states;
    }

    private static void state(
            List<Map<String, Object>> states, String state, @Nullable Instant at, String why) {
        if (at != null) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("state", state);
            json.put("at", Times.text(at));
            json.put("why", why);
            states.add(json);
        }
    }

    private static Map<String, Object> phase(Fact phase) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", phase.details().getOrDefault("name", ""));
        json.put("at", Times.text(phase.at()));
        json.put("ms", Long.parseLong(phase.details().getOrDefault("ms", "0")));
        return json;
    }

    private static String code(StopReason reason) {
        return reason.code().name().toLowerCase(Locale.ROOT);
    }
}
