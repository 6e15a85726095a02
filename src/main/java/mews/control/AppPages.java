package mews.control;

import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import mews.account.Accounts;
import mews.control.Router.Access;
import mews.deploy.Deployment;
import mews.fleet.Fleet;
import mews.history.History;
import mews.model.AppName;
import mews.model.Fact;
import mews.model.MachineCatalog;
import mews.model.MachineType;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.Route;
import mews.model.RunnerState;
import mews.model.RunnerView;
import mews.queue.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.NullNode;

/// Apps, runners, queues, and what became of requests. protocol: control 3.5, 3.6
final class AppPages {
    /// Whoever called without a key.
    private static final String ANONYMOUS = "anonymous";

    private final Accounts accounts;
    private final Deployment deployment;
    private final Fleet fleet;
    private final Queue queue;
    private final History history;
    private final MachineCatalog machines;
    private final Names names;
    private final InstantSource clock;

    AppPages(ControlRooms rooms, Names names) {
        this.accounts = rooms.accounts();
        this.deployment = rooms.deployment();
        this.fleet = rooms.fleet();
        this.queue = rooms.queue();
        this.history = rooms.history();
        this.machines = rooms.machines();
        this.clock = rooms.clock();
        this.names = names;
    }

    void routes(Router router) {
        router.on("GET", "/runners/{id}", Access.ADMIN, this::runner)
                .on("GET", "/applications/metrics", Access.ADMIN, this::metrics)
                .on("GET", "/applications/{owner}/{app}/metadata", Access.ADMIN, this::metadata)
                .on("GET", "/applications/{owner}/{app}/queue", Access.ADMIN, this::queueSize)
                .on("DELETE", "/applications/{owner}/{app}/queue", Access.ADMIN, this::flush)
                .on("GET", "/v1/mews/requests/{id}/history", Access.ADMIN, this::ofRequest)
                .on("GET", "/v1/mews/runners/{id}/history", Access.ADMIN, this::ofRunner)
                .on("GET", "/v1/mews/apps/{owner}/{app}/history", Access.ADMIN, this::ofAlias);
    }

    private void runner(Exchange exchange) {
        UUID id = Words.id("runner", exchange.part("id"));
        String account = exchange.caller().account();
        // Its id tells when it was made: before that it cannot have ended.
        Instant made = Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
        RunnerView view =
                fleet.find(id)
                        .or(() ->
                                fleet.ended(account, made).stream()
                                        .filter(ended -> ended.id().equals(id))
                                        .findFirst())
                        .filter(found -> found.app().owner().equals(account))
                        .orElseThrow(() ->
                                new Refusal(
                                        Refusal.Kind.NOT_FOUND,
                                        "runner '%s' not found".formatted(id)));
        Map<String, Object> runner = new LinkedHashMap<>();
        runner.put("runner_id", id.toString());
        runner.put("started_at", Times.text(view.createdAt()));
        runner.put(
                "ended_at",
                view.state() instanceof RunnerState.Stopped stopped
                        ? Times.text(stopped.since())
                        : NullNode.getInstance());
        runner.put("app", view.app().toString());
        runner.put("state", Listings.state(view).name());
        exchange.json(200, runner);
    }

    /// GPUs in use; types without any are left out.
    private void metrics(Exchange exchange) {
        Map<String, Map<String, Integer>> apps = new TreeMap<>();
        Map<String, Integer> total = new TreeMap<>();
        // An app without GPUs is there too: clients take one that is missing for unknown.
        deployment
                .aliases()
                .list(exchange.caller().account(), null)
                .forEach(alias -> apps.put(alias.app().toString(), new TreeMap<>()));
        for (RunnerView view : fleet.live()) {
            int gpus = machines.find(view.machineType()).map(MachineType::gpus).orElse(0);
            if (gpus > 0 && view.app().owner().equals(exchange.caller().account())) {
                apps.computeIfAbsent(view.app().toString(), ignored -> new TreeMap<>())
                        .merge(view.machineType(), gpus, Integer::sum);
                total.merge(view.machineType(), gpus, Integer::sum);
            }
        }
        Map<String, Object> perApp = new TreeMap<>();
        apps.forEach((app, counts) -> perApp.put(app, Map.of("gpu_count_by_type", counts)));
        exchange.json(200, Map.of("apps", perApp, "summary", Map.of("total_gpu_by_type", total)));
    }

    /// By name or by revision.
    private void metadata(Exchange exchange) {
        String name = exchange.part("app");
        AppName app = names.own(exchange.caller(), exchange.part("owner"), name);
        Route route = deployment.routes().find(app);
        Revision revision = route == null ? revision(app.owner(), name) : route.revision();
        if (revision == null) {
            throw missing(name);
        }
        exchange.json(200, revision.spec().metadata());
    }

    private @Nullable Revision revision(String owner, String id) {
        try {
            return deployment
                    .aliases()
                    .revision(UUID.fromString(id))
                    .filter(found -> found.app().owner().equals(owner))
                    .orElse(null);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private void queueSize(Exchange exchange) {
        AppName app = known(exchange);
        Queue.Depth depth = queue.depths(clock.instant()).get(app);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("size", depth == null ? 0 : depth.size());
        if ("true".equals(exchange.query("by_user"))) {
            Map<String, Integer> users = new LinkedHashMap<>();
            queue.waitingByCaller(app).forEach((caller, size) -> users.put(userId(caller), size));
            answer.put("by_user", users);
        }
        exchange.json(200, answer);
    }

    private String userId(String caller) {
        return accounts.find(caller).map(Accounts.Account::userId).orElse(ANONYMOUS);
    }

    private void flush(Exchange exchange) {
        AppName app = known(exchange);
        String user = exchange.query("caller_user_id");
        int flushed =
                user == null
                        ? queue.flush(app, clock.instant())
                        : queue.flush(app, caller(user), clock.instant());
        exchange.json(200, Map.of("flushed", flushed));
    }

    private String caller(String userId) {
        return userId.equals(ANONYMOUS)
                ? ""
                : accounts.findByUserId(userId)
                        .map(Accounts.Account::nickname)
                        .orElseThrow(() ->
                                new Refusal(
                                        Refusal.Kind.NOT_FOUND,
                                        "there is no user '%s'".formatted(userId)));
    }

    private void ofRequest(Exchange exchange) {
        facts(exchange, Fact.Subject.REQUEST, exchange.part("id"));
    }

    private void ofRunner(Exchange exchange) {
        facts(exchange, Fact.Subject.RUNNER, exchange.part("id"));
    }

    private void ofAlias(Exchange exchange) {
        AppName app = names.own(exchange.caller(), exchange.part("owner"), exchange.part("app"));
        facts(exchange, Fact.Subject.ALIAS, app.toString());
    }

    private void facts(Exchange exchange, Fact.Subject subject, String id) {
        history.flush();
        List<Map<String, Object>> facts =
                history.of(subject, id).stream()
                        .filter(fact -> mine(fact, exchange.caller().account()))
                        .map(AppPages::fact)
                        .toList();
        if (facts.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "nothing is known of %s '%s'"
                            .formatted(subject.name().toLowerCase(java.util.Locale.ROOT), id));
        }
        exchange.json(200, Map.of("facts", facts));
    }

    private static boolean mine(Fact fact, String account) {
        AppName app = fact.app();
        return app != null && app.owner().equals(account);
    }

    private static Map<String, Object> fact(Fact fact) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("at", Times.text(fact.at()));
        json.put("event", fact.event());
        Stream.ofNullable(fact.app()).forEach(app -> json.put("app", app.toString()));
        json.put("details", new TreeMap<>(fact.details()));
        return json;
    }

    private AppName known(Exchange exchange) {
        AppName app = names.own(exchange.caller(), exchange.part("owner"), exchange.part("app"));
        if (deployment.routes().find(app) == null) {
            throw missing(exchange.part("app"));
        }
        return app;
    }

    private static Refusal missing(String name) {
        return new Refusal(Refusal.Kind.NOT_FOUND, "app '%s' not found".formatted(name));
    }
}
