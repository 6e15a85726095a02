package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import mews.base.Json;
import mews.deploy.Workflows.Workflow;
import mews.model.Refusal;
import mews.queue.Queue;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Calls of workflows: the answer at once, a stream of events, or through the queue. The graph runs
/// on virtual threads. protocol: data 2
final class WorkflowDoor {
    private static final int MOST_BODY = 8 * 1024 * 1024;
    private static final long HEARTBEAT_MILLIS = 10_000;
    private static final String STREAM = "/stream";

    private final Vertx vertx;
    private final WorkflowRuns runs;
    private final Access access;
    private final QueueDoor queue;
    private final InstantSource clock;

    WorkflowDoor(
            Vertx vertx, WorkflowRuns runs, Access access, QueueDoor queue, InstantSource clock) {
        this.vertx = vertx;
        this.runs = runs;
        this.access = access;
        this.queue = queue;
        this.clock = clock;
    }

    /// A call whose caller waits.
    void call(HttpServerRequest request, UUID id, EndpointPath endpoint) {
        String rest = endpoint.rest();
        if (!rest.equals("/") && !rest.equals(STREAM)) {
            Answers.refusal(request, id, 404, "a workflow has no paths but / and /stream");
            return;
        }
        enter(
                request,
                id,
                endpoint,
                (workflow, caller) ->
                        BodyReader.read(request, MOST_BODY)
                                .onSuccess(body -> {
                                    boolean stream = rest.equals(STREAM);
                                    aside(
                                            request,
                                            id,
                                            exchange ->
                                                    run(
                                                            exchange,
                                                            id,
                                                            workflow,
                                                            body.getBytes(),
                                                            caller,
                                                            stream));
                                })
                                .onFailure(cause -> tooLarge(request, id)));
    }

    /// A call through the queue, or a question about one.
    void queued(HttpServerRequest request, UUID id, EndpointPath endpoint, CallOptions options) {
        if (endpoint.request() != null) {
            String caller = caller(request, id);
            if (caller != null) {
                queue.about(
                        request,
                        endpoint,
                        view ->
                                view.request().app().equals(endpoint.app())
                                        && view.request().caller().equals(caller),
                        false);
            }
            return;
        }
        enter(
                request,
                id,
                endpoint,
                (workflow, caller) ->
                        queue.submit(
                                request,
                                id,
                                body ->
                                        new Queue.NewRequest(
                                                id,
                                                endpoint.app(),
                                                "POST",
                                                "/",
                                                Map.of("content-type", "application/json"),
                                                body.getBytes(),
                                                caller,
                                                options.lowPriority()
                                                        ? Queue.Priority.LOW
                                                        : Queue.Priority.NORMAL,
                                                options.startDeadline(clock.instant()),
                                                true,
                                                null,
                                                null,
                                                null,
                                                options.storePayload(),
                                                clock.instant())));
    }

    static JsonNode detail(String why) {
        return Json.MAPPER.createObjectNode().put("detail", why);
    }

    /// What to do with a workflow that was found, on the event loop.
    private interface Then {
        void go(Workflow workflow, String caller);
    }

    private void enter(HttpServerRequest request, UUID id, EndpointPath endpoint, Then then) {
        String caller = caller(request, id);
        if (caller == null) {
            return;
        }
        if (request.method() != HttpMethod.POST) {
            request.response().putHeader("allow", "POST");
            Answers.refusal(request, id, 405, "a workflow is called with POST");
            return;
        }
        request.pause();
        aside(
                request,
                id,
                exchange -> {
                    Optional<Workflow> found = runs.find(endpoint.app(), caller);
                    exchange.answer(asked -> {
                        if (found.isPresent()) {
                            then.go(found.get(), caller);
                        } else {
                            Answers.refusal(
                                    asked,
                                    id,
                                    404,
                                    "there is no workflow '%s'".formatted(endpoint.app().alias()));
                        }
                        asked.resume();
                    });
                });
    }

    private void run(
            Exchange exchange,
            UUID id,
            Workflow workflow,
            byte[] body,
            String caller,
            boolean stream) {
        Consumer<Map<String, Object>> events =
                stream ? event -> send(exchange, event) : event -> {};
        WorkflowRun run;
        try {
            run = runs.prepare(id, workflow, body, caller, events);
        } catch (Refusal refusal) {
            exchange.answer(asked -> Answers.refusal(asked, id, 422, refusal.getMessage()));
            return;
        }
        exchange.answer(asked -> {
            if (stream) {
                open(asked, id, run);
            } else {
                asked.response().closeHandler(gone -> run.stop(true));
            }
        });
        WorkflowRun.Outcome outcome;
        try {
            outcome = run.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            outcome = new WorkflowRun.Outcome.BrokenOff();
        }
        answer(exchange, id, outcome, stream);
    }

    private static void answer(
            Exchange exchange, UUID id, WorkflowRun.Outcome outcome, boolean stream) {
        exchange.answer(asked -> {
            HttpServerResponse response = asked.response();
            if (response.closed() || response.ended()) {
                return;
            }
            if (stream) {
                response.end();
                return;
            }
            switch (outcome) {
                case WorkflowRun.Outcome.Output(JsonNode output) ->
                        Answers.json(asked, id, 200, output);
                case WorkflowRun.Outcome.Failed(int status, var body) ->
                        Answers.json(asked, id, status, body);
                case WorkflowRun.Outcome.BrokenOff() ->
                        Answers.refusal(asked, id, 503, "this server stops; try again");
            }
        });
    }

    private void open(HttpServerRequest request, UUID id, WorkflowRun run) {
        HttpServerResponse response = request.response();
        CallHeaders.allowOrigins(response.headers());
        response.setStatusCode(200)
                .setChunked(true)
                .putHeader(CallHeaders.REQUEST_ID, id.toString())
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-cache")
                .writeHead();
        // What lies between may close what is silent for long.
        long beat = vertx.setPeriodic(HEARTBEAT_MILLIS, tick -> response.write(": still here\n\n"));
        response.endHandler(end -> vertx.cancelTimer(beat));
        response.closeHandler(gone -> {
            vertx.cancelTimer(beat);
            run.stop(true);
        });
    }

    private static void send(Exchange exchange, Map<String, Object> event) {
        String text = "data: " + Json.write(event) + "\n\n";
        exchange.answer(asked -> {
            HttpServerResponse response = asked.response();
            if (!response.closed() && !response.ended()) {
                response.write(text);
            }
        });
    }

    /// @return null if the answer is given
    private @Nullable String caller(HttpServerRequest request, UUID id) {
        return Answers.caller(access.account(Access.Sent.with(request)), request, id);
    }

    private static void tooLarge(HttpServerRequest request, UUID id) {
        Answers.refusal(
                request,
                id,
                413,
                "the input is larger than %d bytes; upload the file and send its URL"
                        .formatted(MOST_BODY));
    }

    private void aside(HttpServerRequest request, UUID id, Consumer<Exchange> work) {
        Exchange.aside(
                request,
                vertx.getOrCreateContext(),
                id,
                "this server failed to run the workflow; try again",
                work);
    }
}
