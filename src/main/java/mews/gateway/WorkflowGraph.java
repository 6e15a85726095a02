package mews.gateway;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.base.Json;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A workflow that can be run: nodes that call apps, or show values, each with an input that may
/// refer to the caller's input and to what other nodes gave, as in `$input.prompt` or
/// `$draw.images.0.url`. Pure; whatever is wrong with it is said when it is taken apart. protocol:
/// data 2
final class WorkflowGraph {
    /// The name of what the caller sent.
    static final String INPUT = "input";

    private static final int MOST_NODES = 100;
    private static final String ID = "[A-Za-z0-9_-]+";
    private static final Pattern REFERENCE =
            Pattern.compile("\\$(%s)((?:\\.%s)*)".formatted(ID, ID));

    /// @param target what it calls; null for a node that only shows values
    /// @param template what it gets or shows, with references
    /// @param after nodes whose values it needs, or that it names to wait for
    record Node(String id, @Nullable EndpointPath target, JsonNode template, Set<String> after) {}

    private final Map<String, Node> nodes = new LinkedHashMap<>();
    private final JsonNode output;

    private WorkflowGraph(JsonNode contents) {
        JsonNode all = contents.path("nodes");
        if (!all.isObject() || all.size() > MOST_NODES) {
            throw wrong(
                    "contents.nodes must be an object with at most %d nodes".formatted(MOST_NODES));
        }
        Set<String> names = new LinkedHashSet<>();
        names.add(INPUT);
        all.properties().forEach(entry -> names.add(entry.getKey()));
        all.properties()
                .forEach(entry ->
                        nodes.put(entry.getKey(), node(entry.getKey(), entry.getValue(), names)));
        output = contents.path("output");
        if (!output.isContainer() || output.isEmpty()) {
            throw wrong("contents.output is empty: say which values are the answer");
        }
        references(output).forEach(each -> known(each, "the output", names));
        refuseCycles();
    }

    /// @throws Refusal if it cannot be run, with the node at fault
    static WorkflowGraph of(JsonNode contents) {
        return new WorkflowGraph(contents);
    }

    /// Nodes that may run now and did not begin yet.
    ///
    /// @param values what there is so far, by node
    List<Node> ready(Set<String> values, Set<String> begun) {
        return nodes.values().stream()
                .filter(node -> !begun.contains(node.id()) && values.containsAll(node.after()))
                .toList();
    }

    int size() {
        return nodes.size();
    }

    /// @throws Refusal if a reference leads nowhere
    JsonNode output(Map<String, JsonNode> values) {
        return filled(output, values, "the output");
    }

    /// What a node gets, with each reference replaced by its value.
    ///
    /// @throws Refusal if a reference leads nowhere
    static JsonNode input(Node node, Map<String, JsonNode> values) {
        return filled(node.template(), values, "node '%s'".formatted(node.id()));
    }

    private static Node node(String id, JsonNode told, Set<String> names) {
        String who = "node '%s'".formatted(id);
        if (id.equals(INPUT)) {
            throw wrong("a node cannot be called 'input': that is what the caller sends");
        }
        String type = told.path("type").asString("");
        boolean calls = type.equals("run");
        if (!calls && !type.equals("display")) {
            throw wrong("%s has the type '%s'; there are run and display".formatted(who, type));
        }
        JsonNode template = told.path(calls ? INPUT : "fields");
        if (calls && !template.isObject()) {
            throw wrong("%s needs an input: an object with what its app gets".formatted(who));
        }
        Set<String> after = references(template);
        told.path("depends").values().forEach(each -> after.add(each.asString("")));
        after.forEach(each -> known(each, who, names));
        after.remove(INPUT);
        return new Node(
                id, calls ? target(who, told.path("app").asString("")) : null, template, after);
    }

    private static EndpointPath target(String who, String app) {
        EndpointPath target = EndpointPath.ofCall("/" + app);
        if (target == null || target.isWorkflow()) {
            throw wrong(
                    "%s calls '%s'; a node calls an app, as owner/app or owner/app/path"
                            .formatted(who, app));
        }
        return target;
    }

    private static void known(String name, String who, Set<String> names) {
        if (!names.contains(name)) {
            throw wrong(
                    "%s refers to '%s', and there is no such node; there are: %s"
                            .formatted(who, name, String.join(", ", names)));
        }
    }

    private void refuseCycles() {
        Set<String> done = new HashSet<>();
        List<Node> next = ready(done, done);
        while (!next.isEmpty()) {
            next.forEach(node -> done.add(node.id()));
            next = ready(done, done);
        }
        if (done.size() < nodes.size()) {
            List<String> stuck = new ArrayList<>(nodes.keySet());
            stuck.removeAll(done);
            throw wrong("these nodes wait for each other: " + String.join(", ", stuck));
        }
    }

    private static Set<String> references(JsonNode template) {
        Set<String> names = new LinkedHashSet<>();
        if (template.isContainer()) {
            template.values().forEach(each -> names.addAll(references(each)));
        } else if (template.isString()) {
            Matcher reference = REFERENCE.matcher(template.stringValue());
            if (reference.matches()) {
                names.add(reference.group(1));
            }
        }
        return names;
    }

    private static JsonNode filled(JsonNode template, Map<String, JsonNode> values, String who) {
        if (template.isObject()) {
            ObjectNode filled = Json.MAPPER.createObjectNode();
            template.properties()
                    .forEach(each ->
                            filled.set(each.getKey(), filled(each.getValue(), values, who)));
            return filled;
        }
        if (template.isArray()) {
            ArrayNode filled = Json.MAPPER.createArrayNode();
            template.values().forEach(each -> filled.add(filled(each, values, who)));
            return filled;
        }
        if (!template.isString()) {
            return template;
        }
        Matcher reference = REFERENCE.matcher(template.stringValue());
        return reference.matches() ? value(reference, values, who) : template;
    }

    private static JsonNode value(Matcher reference, Map<String, JsonNode> values, String who) {
        JsonNode at = values.get(reference.group(1));
        for (String part : reference.group(2).split("\\.")) {
            if (at != null && !part.isEmpty()) {
                boolean index = at.isArray() && part.matches("\\d{1,9}");
                at = index ? at.get(Integer.parseInt(part)) : at.get(part);
            }
        }
        if (at == null) {
            throw wrong(
                    "%s needs '%s', which '%s' did not give"
                            .formatted(who, reference.group(), reference.group(1)));
        }
        return at;
    }

    private static Refusal wrong(String why) {
        return new Refusal(Refusal.Kind.INVALID, "the workflow cannot be run: " + why);
    }
}
