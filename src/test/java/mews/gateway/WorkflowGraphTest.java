package mews.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import mews.base.Json;
import mews.model.Refusal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class WorkflowGraphTest {
    private static final String DIAMOND =
            """
            {"nodes": {
                "last": {"type": "display", "id": "last", "depends": ["left"], "fields": ["$right.x"]},
                "left": {"type": "run", "id": "left", "app": "ada/l", "input": {"a": ["$first.list.1"]}},
                "right": {"type": "run", "id": "right", "app": "ada/r/deep/path", "input": {"b": "$first"}},
                "first": {"type": "run", "id": "first", "app": "ada/f", "input": {"p": "$input.prompt", "n": 3}}
             },
             "output": {"of left": "$left", "price": "$5 and more", "shown": "$last.0"}}
            """;

    @Test
    void nodesAreReadyOnceAllThatTheyNeedIsThere() {
        WorkflowGraph graph = graph(DIAMOND);

        assertThat(ready(graph, Set.of())).containsExactly("first");
        assertThat(ready(graph, Set.of("first"))).containsExactly("left", "right");
        assertThat(ready(graph, Set.of("first", "right"))).containsExactly("left");
        assertThat(ready(graph, Set.of("first", "left", "right"))).containsExactly("last");
    }

    @Test
    void referencesBecomeValues() {
        WorkflowGraph graph = graph(DIAMOND);
        Map<String, JsonNode> values =
                Map.of(
                        "input", json("{\"prompt\": {\"any\": \"thing\"}}"),
                        "first", json("{\"list\": [0, \"one\"]}"),
                        "left", json("null"),
                        "right", json("{\"x\": 1}"),
                        "last", json("[1]"));

        assertThat(inputs(graph, values))
                .containsExactlyInAnyOrder(
                        "{\"p\":{\"any\":\"thing\"},\"n\":3}",
                        "{\"a\":[\"one\"]}",
                        "{\"b\":{\"list\":[0,\"one\"]}}",
                        "[1]");
        assertThat(graph.output(values).toString())
                .isEqualTo("{\"of left\":null,\"price\":\"$5 and more\",\"shown\":1}");
    }

    @Test
    void aValueThatIsNotThereIsNamed() {
        WorkflowGraph graph = graph(DIAMOND);
        Map<String, JsonNode> values = Map.of("first", json("{\"list\": []}"));
        WorkflowGraph.Node left = graph.ready(Set.of("first"), Set.of("first")).getFirst();

        assertThatThrownBy(() -> WorkflowGraph.input(left, values))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(
                        "node 'left' needs '$first.list.1', which 'first' did not give");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | contents.nodes must be an object",
                "{'nodes': {}, 'output': {}} | contents.output is empty",
                "{'nodes': {}, 'output': {'x': '$nobody.y'}} | the output refers to 'nobody'",
                "{'nodes': {'a': {'type': 'loop'}}} | node 'a' has the type 'loop'",
                "{'nodes': {'a': {'type': 'run', 'app': 'x/y'}}} | node 'a' needs an input",
                "{'nodes': {'a': {'type': 'run', 'app': 'y', 'input': {}}}} | node 'a' calls 'y'",
                "{'nodes': {'a': {'type': 'run', 'app': 'workflows/x/y', 'input': {}}}} | node 'a' calls",
                "{'nodes': {'a': {'type': 'run', 'app': 'x/y', 'input': {'p': '$b'}}}} | refers to 'b'",
                "{'nodes': {'a': {'type': 'display', 'fields': [], 'depends': ['c']}}} | refers to 'c'",
                "{'nodes': {'input': {'type': 'display', 'fields': []}}} | cannot be called 'input'",
            })
    void whatCannotBeRunIsRefused(String contents, String why) {
        assertThatThrownBy(() -> graph(contents.replace('\'', '"')))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining(why);
    }

    @Test
    void nodesThatWaitForEachOtherAreNamed() {
        String circle =
                """
                {"nodes": {"free": {"type": "display", "fields": []},
                           "a": {"type": "display", "fields": ["$b"]},
                           "b": {"type": "display", "fields": [], "depends": ["a"]}},
                 "output": {"x": "$a"}}
                """;

        assertThatThrownBy(() -> graph(circle)).hasMessageContaining("wait for each other: a, b");
    }

    private static List<String> ready(WorkflowGraph graph, Set<String> values) {
        return graph.ready(values, values).stream().map(WorkflowGraph.Node::id).sorted().toList();
    }

    private static List<String> inputs(WorkflowGraph graph, Map<String, JsonNode> values) {
        return graph.ready(values.keySet(), Set.of()).stream()
                .map(node -> WorkflowGraph.input(node, values).toString())
                .toList();
    }

    private static WorkflowGraph graph(String contents) {
        return WorkflowGraph.of(json(contents));
    }

    private static JsonNode json(String text) {
        return Json.MAPPER.readTree(text);
    }
}
