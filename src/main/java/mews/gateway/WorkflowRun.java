package mews.gateway;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import mews.gateway.WorkflowGraph.Node;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// One run of a workflow. Nodes run side by side, each as soon as all that it needs is there; the
/// first that fails ends the run, and the others are cancelled. What happens is told as events.
/// protocol: data 2
final class WorkflowRun {
    private static final Logger LOG = LoggerFactory.getLogger(WorkflowRun.class);

    /// How it ended.
    sealed interface Outcome {
        record Output(JsonNode output) implements Outcome {}

        /// @param body with a detail in words
        record Failed(int status, Map<String, Object> body) implements Outcome {}

        /// Its caller does not want it any more, or this server stops.
        record BrokenOff() implements Outcome {}
    }

    /// What comes from the threads of nodes, and from outside.
    private sealed interface News {
        record Done(Node node, JsonNode value) implements News {}

        record Failed(Node node, int status, JsonNode body, String why) implements News {}

        record Stop(boolean cancelNodes) implements News {}
    }

    private final UUID id;
    private final WorkflowGraph graph;
    private final String caller;
    private final NodeCall calls;
    private final Consumer<UUID> cancel;
    private final Consumer<Map<String, Object>> events;
    private final BlockingQueue<News> news = new LinkedBlockingQueue<>();
    private final Map<String, JsonNode> values = new HashMap<>();
    private final Set<String> begun = new HashSet<>();
    private final Map<String, UUID> open = new ConcurrentHashMap<>();
    private volatile boolean ended;
    private volatile boolean unwanted;

    /// @param id of the run: nodes' requests are named by it
    /// @param caller account in whose name nodes call
    /// @param cancel takes a node's request back
    /// @param events hears of each step, as JSON; called by any thread, one at a time
    WorkflowRun(
            UUID id,
            WorkflowGraph graph,
            JsonNode input,
            String caller,
            NodeCall calls,
            Consumer<UUID> cancel,
            Consumer<Map<String, Object>> events) {
        this.id = id;
        this.graph = graph;
        this.caller = caller;
        this.calls = calls;
        this.cancel = cancel;
        this.events = events;
        values.put(WorkflowGraph.INPUT, input);
    }

    /// Ends the run soon.
    ///
    /// @param cancelNodes false if it will be taken up again, with the requests of its nodes
    void stop(boolean cancelNodes) {
        if (cancelNodes) {
            unwanted = true;
        }
        news.add(new News.Stop(cancelNodes));
    }

    /// Blocks until the run has ended.
    Outcome run() throws InterruptedException {
        try {
            return steps();
        } finally {
            ended = true;
        }
    }

    private Outcome steps() throws InterruptedException {
        try {
            begin();
            while (values.size() <= graph.size()) {
                switch (news.take()) {
                    case News.Done(Node node, JsonNode value) -> {
                        done(node, value);
                        begin();
                    }
                    case News.Failed failed -> {
                        return failed(failed);
                    }
                    case News.Stop(boolean cancelNodes) -> {
                        if (cancelNodes) {
                            cancelNodes();
                        }
                        return new Outcome.BrokenOff();
                    }
                }
            }
            JsonNode output = graph.output(values);
            tell(event("output", null, "output", output));
            return new Outcome.Output(output);
        } catch (Refusal refusal) {
            cancelNodes();
            Map<String, Object> body = Map.of("detail", refusal.getMessage());
            tell(error("", refusal.getMessage(), 422, body));
            return new Outcome.Failed(422, body);
        }
    }

    /// Those of which a request is on its way take it back themselves.
    private void cancelNodes() {
        unwanted = true;
        open.values().forEach(cancel);
    }

    private void begin() {
        for (Node node : graph.ready(values.keySet(), begun)) {
            begun.add(node.id());
            JsonNode input = WorkflowGraph.input(node, values);
            EndpointPath target = node.target();
            if (target == null) {
                news.add(new News.Done(node, input));
            } else {
                Thread.ofVirtual().start(() -> news.add(call(node, target, input)));
            }
        }
    }

    private News call(Node node, EndpointPath target, JsonNode input) {
        UUID request = NodeCall.idOf(id, node.id());
        if (unwanted) {
            return new News.Stop(true);
        }
        try {
            open.put(node.id(), request);
            calls.submit(request, target, input, caller);
            if (unwanted) {
                cancel.accept(request);
            }
            Map<String, Object> submitted = event("submit", node, "app_id", target.whole());
            submitted.put("request_id", request.toString());
            tell(submitted);
            return new News.Done(node, calls.await(request, () -> ended));
        } catch (NodeCall.Failed failed) {
            return new News.Failed(
                    node, failed.status(), failed.body(), String.valueOf(failed.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new News.Stop(false);
        } catch (RuntimeException e) {
            LOG.error("a node of a workflow failed request_id={} node={}", id, node.id(), e);
            return new News.Failed(
                    node, 500, WorkflowDoor.detail("this server failed"), "this server failed");
        }
    }

    private void done(Node node, JsonNode value) {
        open.remove(node.id());
        values.put(node.id(), value);
        EndpointPath target = node.target();
        Map<String, Object> completed = event("completion", node, "output", value);
        if (target != null) {
            completed.put("app_id", target.whole());
        }
        tell(completed);
    }

    private Outcome failed(News.Failed failed) {
        Node node = failed.node();
        open.remove(node.id());
        cancelNodes();
        EndpointPath target = node.target();
        String message =
                "node '%s' (%s) failed: %s"
                        .formatted(node.id(), target == null ? "" : target.whole(), failed.why());
        Map<String, Object> told = error(node.id(), message, failed.status(), failed.body());
        tell(told);
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("detail", message);
        body.put("node_id", node.id());
        body.put("error", told.get("error"));
        return new Outcome.Failed(failed.status(), body);
    }

    /// A run that has ended says no more.
    private synchronized void tell(Map<String, Object> event) {
        if (!ended) {
            events.accept(event);
        }
    }

    private static Map<String, Object> event(
            String type, @Nullable Node node, String name, Object value) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", type);
        if (node != null) {
            event.put("node_id", node.id());
        }
        event.put(name, value);
        return event;
    }

    private static Map<String, Object> error(String node, String message, int status, Object body) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", "error");
        event.put("node_id", node);
        event.put("message", message);
        event.put("error", Map.of("status", status, "body", body));
        return event;
    }
}
