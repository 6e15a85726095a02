package mews.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import mews.control.Router.Access;
import mews.fleet.Fleet;
import mews.history.History;
import mews.history.RequestStory;
import mews.history.RunnerStory;
import mews.history.Span;
import mews.model.AppName;
import mews.model.Fact;
import mews.model.Refusal;
import mews.model.RunnerTimeline;
import mews.scale.Autoscaler;
import mews.scale.Holdup;
import mews.scale.Load;
import mews.scale.Standing;
import mews.scale.Why;
import tools.jackson.databind.node.NullNode;

/// Where a request spent its life, and why an app has the runners it has: from what was recorded
/// when it happened.
final class ExplainPages {
    /// What an app's starts wait for may have begun that long before a request came.
    private static final Duration BEFORE = Duration.ofHours(1);

    private static final int MOST_RECENT = 20;

    private final History history;
    private final Fleet fleet;
    private final Function<AppName, Optional<Standing>> standings;
    private final Names names;
    private final InstantSource clock;

    ExplainPages(ControlRooms rooms, Names names) {
        this.history = rooms.history();
        this.fleet = rooms.fleet();
        this.standings = rooms.standings();
        this.names = names;
        this.clock = rooms.clock();
    }

    void routes(Router router) {
        router.on("GET", "/v1/mews/requests/{id}/explanation", Access.ADMIN, this::request)
                .on("GET", "/v1/mews/apps/{owner}/{app}/explanation", Access.ADMIN, this::app);
    }

    private void request(Exchange exchange) {
        String id = Words.id("request", exchange.part("id")).toString();
        history.flush();
        List<Fact> facts = history.of(Fact.Subject.REQUEST, id);
        AppName app = facts.isEmpty() ? null : facts.getFirst().app();
        if (app == null || !app.owner().equals(exchange.caller().account())) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "nothing is known of request '%s'; facts are kept for a limited time"
                            .formatted(id));
        }
        RequestStory story = story(facts, app);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("request_id", id);
        json.put("app", app.toString());
        json.put("kind", story.kind());
        json.put("state", story.state());
        json.put("from", Times.text(story.from()));
        json.put("to", Times.text(story.to()));
        json.put("over", story.over());
        json.put("summary", story.summary());
        json.put("spans", story.spans().stream().map(ExplainPages::span).toList());
        json.put("attempts", story.attempts().stream().map(ExplainPages::attempt).toList());
        exchange.json(200, json);
    }

    private RequestStory story(List<Fact> facts, AppName app) {
        Instant now = clock.instant();
        RequestStory.Life life = RequestStory.life(facts);
        Instant end = life.to() == null ? now : life.to();
        List<RunnerStory> runners =
                fleet.timelines(app, life.from(), end).stream().map(this::story).toList();
        Map<String, String> settings =
                history.last(Fact.Subject.ALIAS, app.toString(), "settings", life.from())
                        .map(Fact::details)
                        .orElse(Map.of());
        List<Fact> decisions =
                history.between(Fact.Subject.ALIAS, app.toString(), life.from().minus(BEFORE), end);
        return RequestStory.tell(new RequestStory.Facts(facts, runners, decisions, settings, now));
    }

    private RunnerStory story(RunnerTimeline runner) {
        return RunnerStory.of(runner, history.of(Fact.Subject.RUNNER, runner.id().toString()));
    }

    private static Map<String, Object> span(Span span) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("from", Times.text(span.from()));
        json.put("ms", span.length().toMillis());
        json.put("what", span.what());
        json.put("text", span.text());
        return json;
    }

    private static Map<String, Object> attempt(RequestStory.Attempt attempt) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("attempt", attempt.number());
        json.put("runner_id", attempt.runner().toString());
        json.put("from", Times.text(attempt.from()));
        json.put("ms", Duration.between(attempt.from(), attempt.to()).toMillis());
        json.put("over", attempt.over());
        json.put("outcome", attempt.outcome());
        return json;
    }

    private void app(Exchange exchange) {
        AppName app = names.own(exchange.caller(), exchange.part("owner"), exchange.part("app"));
        Standing standing =
                standings
                        .apply(app)
                        .orElseThrow(() ->
                                new Refusal(
                                        Refusal.Kind.NOT_FOUND,
                                        "app '%s' not found".formatted(app.alias())));
        Load load = standing.load();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("app", app.toString());
        json.put("at", Times.text(standing.at()));
        json.put("revision", standing.alias().serving().toString());
        json.put("runners", runners(standing));
        json.put("wanted", Autoscaler.target(standing.alias().scale(), load, standing.at()));
        json.put("in_flight", load.inFlight());
        json.put("waiting", load.waiting().size() + load.unseen());
        json.put("held_up", holdup(standing.holdup()));
        json.put("why", Why.reasons(standing));
        json.put("would_change", Why.changes(standing));
        history.flush();
        List<Fact> facts = history.of(Fact.Subject.ALIAS, app.toString());
        json.put("snapshot", snapshot(facts, standing.alias().serving()));
        json.put("recent", recent(facts));
        exchange.json(200, json);
    }

    private static Map<String, Object> runners(Standing standing) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("busy", standing.load().busy());
        json.put("idle", standing.load().idle().size());
        json.put("starting", standing.load().starting());
        json.put("upcoming", standing.upcoming());
        json.put("old", standing.old());
        json.put("leaving", standing.leaving());
        return json;
    }

    private static Object holdup(@org.jspecify.annotations.Nullable Holdup holdup) {
        if (holdup == null) {
            return NullNode.getInstance();
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("by", holdup.kind());
        json.put("reason", holdup.reason());
        json.put("since", Times.text(holdup.since()));
        Instant until = holdup.until();
        json.put("until", until == null ? NullNode.getInstance() : Times.text(until));
        return json;
    }

    /// Whether the warm parent of the serving revision has run `setup()`, or why not; null if
    /// nothing was tried. Another revision's may have been tried later.
    static Object snapshot(List<Fact> facts, UUID serving) {
        return facts.reversed().stream()
                .filter(fact -> fact.event().equals("snapshot"))
                .map(Fact::details)
                .filter(details -> serving.toString().equals(details.get("revision")))
                .findFirst()
                .<Object>map(TreeMap::new)
                .orElse(NullNode.getInstance());
    }

    /// The last decisions, oldest first.
    private static List<Map<String, Object>> recent(List<Fact> facts) {
        return facts.subList(Math.max(0, facts.size() - MOST_RECENT), facts.size()).stream()
                .map(fact -> {
                    Map<String, Object> json = new LinkedHashMap<>();
                    json.put("at", Times.text(fact.at()));
                    json.put("event", fact.event());
                    json.put("details", new TreeMap<>(fact.details()));
                    return json;
                })
                .toList();
    }
}
