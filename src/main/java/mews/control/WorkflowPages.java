package mews.control;

import java.io.IOException;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.account.Accounts;
import mews.base.Json;
import mews.control.Router.Access;
import mews.deploy.Workflows;
import mews.deploy.Workflows.Workflow;
import mews.model.Refusal;
import tools.jackson.databind.JsonNode;

/// Workflows: made, read, changed, listed and deleted. The gateway runs them. protocol: control 3.6
final class WorkflowPages {
    private static final String ONE = "/workflows/{owner}/{name}";
    private static final int LARGEST_PAGE = 100;

    private final Workflows workflows;
    private final Accounts accounts;
    private final InstantSource clock;

    WorkflowPages(ControlRooms rooms) {
        this.workflows = rooms.deployment().workflows();
        this.accounts = rooms.accounts();
        this.clock = rooms.clock();
    }

    void routes(Router router) {
        router.on("POST", "/workflows", Access.ADMIN, exchange -> told(exchange, this::create))
                .on("GET", "/workflows", Access.ADMIN, this::list)
                .on("GET", ONE, Access.KEY, this::read)
                .on("PATCH", ONE, Access.ADMIN, exchange -> told(exchange, this::change))
                .on("DELETE", ONE, Access.ADMIN, this::delete);
        for (String method : new String[] {"GET", "POST", "PATCH", "DELETE"}) {
            router.on(method, "/comfy", Access.KEY, WorkflowPages::comfy)
                    .on(method, "/comfy/{path...}", Access.KEY, WorkflowPages::comfy);
        }
    }

    private interface Change {
        void ask(Exchange exchange) throws IOException;
    }

    /// The generated client shows its user what is wrong with a workflow in this form alone.
    private static void told(Exchange exchange, Change change) throws IOException {
        try {
            change.ask(exchange);
        } catch (Refusal refusal) {
            if (refusal.kind() == Refusal.Kind.NOT_FOUND) {
                throw refusal;
            }
            Map<String, Object> problem = new LinkedHashMap<>();
            problem.put("loc", List.of("body"));
            problem.put("msg", refusal.getMessage());
            problem.put("type", "value_error");
            exchange.json(422, Map.of("detail", List.of(problem)));
        }
    }

    private void create(Exchange exchange) throws IOException {
        JsonNode asked = exchange.json();
        String name = asked.path("name").asString("");
        Workflow made =
                new Workflow(
                        exchange.caller().account(),
                        name,
                        asked.path("title").asString(name),
                        contents(asked.path("contents")),
                        asked.path("is_public").asBoolean(false),
                        clock.instant());
        workflows.create(made);
        exchange.json(201, whole(made));
    }

    private void list(Exchange exchange) {
        String owner = exchange.caller().account();
        int page = number(exchange, "page", 1, Integer.MAX_VALUE);
        int size = number(exchange, "size", 50, LARGEST_PAGE);
        int total = workflows.count(owner);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("items", workflows.page(owner, page, size).stream().map(this::item).toList());
        answer.put("total", total);
        answer.put("page", page);
        answer.put("size", size);
        answer.put("pages", Math.ceilDiv(total, size));
        exchange.json(200, answer);
    }

    private void read(Exchange exchange) {
        exchange.json(200, whole(readable(exchange)));
    }

    /// protocol: the generated client takes 201 alone for done
    private void change(Exchange exchange) throws IOException {
        Workflow before = own(exchange);
        JsonNode asked = exchange.json();
        Workflow after =
                new Workflow(
                        before.owner(),
                        asked.path("name").asString(before.name()),
                        asked.path("title").asString(before.title()),
                        asked.has("contents")
                                ? contents(asked.path("contents"))
                                : before.contents(),
                        asked.path("is_public").asBoolean(before.isPublic()),
                        before.createdAt());
        workflows.change(before, after);
        exchange.json(201, whole(after));
    }

    private void delete(Exchange exchange) {
        workflows.delete(own(exchange));
        exchange.text(204, "application/json", "");
    }

    private Workflow own(Exchange exchange) {
        Workflow found = readable(exchange);
        if (!found.owner().equals(exchange.caller().account())) {
            throw missing(exchange);
        }
        return found;
    }

    /// The caller's, or one that its owner made public.
    private Workflow readable(Exchange exchange) {
        String asked = exchange.part("owner");
        String owner = accounts.findByUserId(asked).map(Accounts.Account::nickname).orElse(asked);
        return workflows
                .find(owner, exchange.part("name"))
                .filter(each -> each.isPublic() || owner.equals(exchange.caller().account()))
                .orElseThrow(() -> missing(exchange));
    }

    private Map<String, Object> item(Workflow workflow) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("name", workflow.name());
        item.put("title", workflow.title());
        item.put("user_nickname", workflow.owner());
        item.put(
                "user_id",
                accounts.find(workflow.owner()).map(Accounts.Account::userId).orElse(""));
        item.put("created_at", Times.text(workflow.createdAt()));
        return item;
    }

    private Map<String, Object> whole(Workflow workflow) {
        Map<String, Object> whole = item(workflow);
        whole.put("contents", Json.MAPPER.readTree(workflow.contents()));
        whole.put("is_public", workflow.isPublic());
        return whole;
    }

    private static String contents(JsonNode asked) {
        String text = asked.toString();
        if (!asked.isObject() || text.contains("\\u0000")) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "contents must be an object: the workflow's nodes, schema and output");
        }
        return text;
    }

    private static int number(Exchange exchange, String name, int usual, int most) {
        String text = exchange.query(name);
        if (text == null) {
            return usual;
        }
        if (!text.matches("\\d{1,9}")
                || Integer.parseInt(text) < 1
                || Integer.parseInt(text) > most) {
            throw new Refusal(
                    Refusal.Kind.INVALID, "%s must be a number from 1 to %d".formatted(name, most));
        }
        return Integer.parseInt(text);
    }

    private static Refusal missing(Exchange exchange) {
        return new Refusal(
                Refusal.Kind.NOT_FOUND,
                "there is no workflow '%s/%s'"
                        .formatted(exchange.part("owner"), exchange.part("name")));
    }

    private static void comfy(Exchange exchange) {
        throw new Refusal(
                Refusal.Kind.NOT_FOUND,
                "this server keeps no /comfy/ workflows; put such a graph into an app");
    }
}
