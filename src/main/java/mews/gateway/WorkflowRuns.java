package mews.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import mews.base.Json;
import mews.base.Loop;
import mews.deploy.Routes;
import mews.deploy.Workflows;
import mews.deploy.Workflows.Workflow;
import mews.model.AppName;
import mews.model.Refusal;
import mews.queue.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Runs workflows: for callers that wait, and those that wait in the queue. A queued run that this
/// server's end breaks off begins again, and takes up the requests that its nodes had made.
public final class WorkflowRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkflowRuns.class);
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration TO_GIVE_BACK = Duration.ofSeconds(5);

    /// Queued runs at once; the others wait in their lines.
    private static final int MOST = 500;

    private final Workflows workflows;
    private final Queue queue;
    private final NodeCall calls;
    private final InstantSource clock;
    private final Map<UUID, WorkflowRun> queued = new ConcurrentHashMap<>();
    private final Map<UUID, Thread> threads = new ConcurrentHashMap<>();
    private final Loop loop;
    private volatile boolean closing;

    private WorkflowRuns(Workflows workflows, Routes routes, Queue queue, InstantSource clock) {
        this.workflows = workflows;
        this.queue = queue;
        this.calls = new NodeCall(routes, queue, clock);
        this.clock = clock;
        this.loop = Loop.start("workflows", LOOK, this::takeUp);
    }

    /// Begins with what waits in the queue.
    public static WorkflowRuns start(
            Workflows workflows, Routes routes, Queue queue, InstantSource clock) {
        WorkflowRuns runs = new WorkflowRuns(workflows, routes, queue, clock);
        queue.onWork(app -> {
            if (app.isWorkflow()) {
                runs.loop.poke();
            }
        });
        queue.onCancel(id -> {
            WorkflowRun run = runs.queued.get(id);
            if (run != null) {
                run.stop(true);
            }
        });
        return runs;
    }

    /// Queued runs are put back.
    @Override
    public void close() {
        closing = true;
        loop.close();
        queued.values().forEach(run -> run.stop(false));
        try {
            for (Thread thread : threads.values()) {
                thread.join(TO_GIVE_BACK);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// @param app `workflows` and then owner and name
    /// @return the caller's, or one that its owner made public
    Optional<Workflow> find(AppName app, String caller) {
        String[] name = app.alias().split("/", 2);
        return workflows
                .find(name[0], name.length < 2 ? "" : name[1])
                .filter(each -> each.isPublic() || each.owner().equals(caller));
    }

    /// @throws Refusal if the workflow or the input is none
    WorkflowRun prepare(
            UUID id,
            Workflow workflow,
            byte[] body,
            String caller,
            Consumer<Map<String, Object>> events) {
        WorkflowGraph graph = WorkflowGraph.of(Json.MAPPER.readTree(workflow.contents()));
        return new WorkflowRun(
                id,
                graph,
                input(body),
                caller,
                calls,
                node -> queue.cancel(node, clock.instant()),
                events);
    }

    /// @throws Refusal if it is none
    private static JsonNode input(byte[] body) {
        try {
            JsonNode input = Json.MAPPER.readTree(body);
            if (input.isObject()) {
                return input;
            }
        } catch (JacksonException e) {
            // Told below.
        }
        throw new Refusal(
                Refusal.Kind.INVALID, "the input of a workflow is a JSON object, even if empty");
    }

    private void takeUp() {
        Instant now = clock.instant();
        for (AppName app : queue.depths(now).keySet()) {
            int room = MOST - queued.size();
            if (app.isWorkflow() && room > 0 && !closing) {
                queue.lease(app, room, now).forEach(this::begin);
            }
        }
    }

    private void begin(Queue.Lease lease) {
        Queue.NewRequest request = lease.request();
        try {
            Workflow workflow =
                    find(request.app(), request.caller())
                            .orElseThrow(() ->
                                    new Refusal(
                                            Refusal.Kind.NOT_FOUND,
                                            "the workflow was deleted before it could run"));
            WorkflowRun run =
                    prepare(lease.id(), workflow, request.body(), request.caller(), event -> {});
            queued.put(lease.id(), run);
            if (queue.cancelRequested(lease.id())) {
                run.stop(true);
            }
            Thread thread = Thread.ofVirtual().unstarted(() -> run(lease, run));
            threads.put(lease.id(), thread);
            thread.start();
        } catch (Refusal refusal) {
            int status = refusal.kind() == Refusal.Kind.NOT_FOUND ? 404 : 422;
            end(lease, status, Map.of("detail", refusal.getMessage()));
        }
    }

    private void run(Queue.Lease lease, WorkflowRun run) {
        try {
            switch (run.run()) {
                case WorkflowRun.Outcome.Output(JsonNode output) -> end(lease, 200, output);
                case WorkflowRun.Outcome.Failed(int status, var body) -> end(lease, status, body);
                // As cancelled, if that is why.
                case WorkflowRun.Outcome.BrokenOff() -> queue.release(lease);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("a workflow could not be settled request_id={}", lease.id(), e);
        } finally {
            queued.remove(lease.id());
            threads.remove(lease.id());
            loop.poke();
        }
    }

    private void end(Queue.Lease lease, int status, Object body) {
        Queue.Result result =
                new Queue.Result(
                        status,
                        Map.of("content-type", List.of("application/json")),
                        Json.write(body).getBytes(StandardCharsets.UTF_8),
                        null,
                        null);
        queue.complete(lease, result, null, clock.instant());
    }
}
