package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import mews.logs.Logs;
import mews.model.Addresses;
import mews.model.AuthMode;
import mews.model.ErrorType;
import mews.model.LogLine;
import mews.model.Refusal;
import mews.model.Route;
import mews.queue.Queue;
import org.jspecify.annotations.Nullable;

/// Submit, status, result and cancel. The database is asked on virtual threads. protocol: data 5
final class QueueDoor {
    private static final int MOST_BODY = 64 * 1024 * 1024;

    private final Vertx vertx;
    private final Queue queue;
    private final StatusAnswers answers;
    private final StatusStream stream;
    private final InstantSource clock;

    QueueDoor(
            Vertx vertx,
            Queue queue,
            Logs logs,
            Function<HttpServerRequest, Addresses> addresses,
            InstantSource clock) {
        this.vertx = vertx;
        this.queue = queue;
        this.answers = new StatusAnswers(logs, addresses);
        this.stream = new StatusStream(vertx, queue, answers);
        this.clock = clock;
    }

    void submit(
            HttpServerRequest request,
            UUID id,
            Route route,
            String path,
            CallOptions options,
            String caller) {
        submit(request, id, body -> row(request, id, route, path, options, caller, body));
    }

    /// @param row makes the request from its body
    void submit(HttpServerRequest request, UUID id, Function<Buffer, Queue.NewRequest> row) {
        if (request.getParam("fal_webhook") != null) {
            Answers.problem(
                    request,
                    id,
                    ErrorType.BAD_REQUEST,
                    "fal_webhook: this server does not deliver webhooks yet; poll status_url instead");
            return;
        }
        Integer longest = QueueBound.of(request, id);
        if (longest == null) {
            return;
        }
        BodyReader.read(request, MOST_BODY)
                .onSuccess(body -> {
                    Queue.NewRequest made = row.apply(body);
                    Integer bound = longest < 0 ? null : longest;
                    aside(request, id, exchange -> accept(exchange, made, bound));
                })
                .onFailure(cause ->
                        Answers.refusal(
                                request,
                                id,
                                413,
                                "the body is larger than %d bytes; upload the file and send its URL"
                                        .formatted(MOST_BODY)));
    }

    /// Status, result or cancel of a request.
    ///
    /// @param caller account of the caller, empty for anyone
    void about(HttpServerRequest request, EndpointPath endpoint, Route route, String caller) {
        boolean owner = caller.equals(route.app().owner());
        boolean showLogs = owner || !route.revision().spec().privateLogs();
        // Where keys tell callers apart, each sees their own requests only.
        boolean all = owner || route.alias().auth() == AuthMode.PUBLIC;
        Predicate<Queue.View> theirs =
                view ->
                        view.request().app().equals(endpoint.app())
                                && (all || view.request().caller().equals(caller));
        about(request, endpoint, theirs, showLogs);
    }

    /// @param theirs which requests the caller may know of
    void about(
            HttpServerRequest request,
            EndpointPath endpoint,
            Predicate<Queue.View> theirs,
            boolean showLogs) {
        UUID id = endpoint.request();
        if (id == null) {
            return;
        }
        HttpMethod method = request.method();
        switch (endpoint.operation()) {
            case "", "response" -> {
                if (allow(request, id, method == HttpMethod.GET, "GET")) {
                    aside(request, id, exchange -> result(exchange, theirs, id));
                }
            }
            case "status" -> {
                if (allow(request, id, method == HttpMethod.GET, "GET")) {
                    aside(request, id, exchange -> status(exchange, theirs, id, showLogs));
                }
            }
            case "status/stream" -> {
                if (allow(request, id, method == HttpMethod.GET, "GET")) {
                    aside(request, id, exchange -> follow(exchange, theirs, id, showLogs));
                }
            }
            case "cancel" -> {
                if (allow(request, id, method == HttpMethod.PUT, "PUT")) {
                    aside(request, id, exchange -> cancel(exchange, theirs, id));
                }
            }
            default ->
                    Answers.refusal(
                            request,
                            id,
                            404,
                            "unknown operation on a request: " + endpoint.operation());
        }
    }

    private void accept(Exchange exchange, Queue.NewRequest row, @Nullable Integer bound) {
        try {
            int position = queue.submit(row, bound);
            exchange.answer(request ->
                    Answers.json(
                            request, row.id(), 200, answers.submitted(request, row, position)));
        } catch (Refusal refusal) {
            int status = refusal.kind() == Refusal.Kind.EXHAUSTED ? 429 : 400;
            exchange.answer(
                    request -> Answers.refusal(request, row.id(), status, refusal.getMessage()));
        }
    }

    private void status(
            Exchange exchange, Predicate<Queue.View> theirs, UUID id, boolean showLogs) {
        Optional<Queue.View> view = find(theirs, id);
        if (view.isEmpty()) {
            exchange.answer(request -> notFound(request, id));
            return;
        }
        Map<String, Object> body =
                answers.status(
                        exchange.request(), view.get(), lines(exchange, view.get(), showLogs));
        int code = view.get().state() == Queue.State.COMPLETED ? 200 : 202;
        exchange.answer(request -> Answers.json(request, id, code, body));
    }

    private @Nullable List<LogLine> lines(Exchange exchange, Queue.View view, boolean showLogs) {
        if (!StatusAnswers.wantsLogs(exchange.request())) {
            return null;
        }
        return showLogs ? answers.lines(view, null) : List.of();
    }

    private void follow(
            Exchange exchange, Predicate<Queue.View> theirs, UUID id, boolean showLogs) {
        if (find(theirs, id).isEmpty()) {
            exchange.answer(request -> notFound(request, id));
        } else {
            stream.run(exchange, id, StatusAnswers.wantsLogs(exchange.request()) && showLogs);
        }
    }

    private void result(Exchange exchange, Predicate<Queue.View> theirs, UUID id) {
        Optional<Queue.View> view = find(theirs, id);
        if (view.isEmpty()) {
            exchange.answer(request -> Answers.refusal(request, id, 404, "Request not found"));
            return;
        }
        if (view.get().state() != Queue.State.COMPLETED) {
            exchange.answer(
                    request -> Answers.refusal(request, id, 400, "Request is still in progress"));
            return;
        }
        Optional<Queue.Result> result = queue.result(id);
        exchange.answer(request -> {
            if (result.isEmpty()) {
                Answers.refusal(request, id, 404, "Request not found");
            } else {
                deliver(request, id, view.get(), result.get());
            }
        });
    }

    private static void deliver(
            HttpServerRequest request, UUID id, Queue.View view, Queue.Result result) {
        HttpServerResponse response = request.response();
        response.setStatusCode(result.status());
        result.headers()
                .forEach((name, values) ->
                        values.forEach(value -> response.headers().add(name, value)));
        response.headers()
                .remove("content-length")
                .remove("transfer-encoding")
                .remove("connection");
        response.putHeader(CallHeaders.REQUEST_ID, id.toString());
        if (view.runner() != null) {
            response.putHeader("x-fal-served-from", view.runner().toString());
        }
        CallHeaders.allowOrigins(response.headers());
        response.end(Buffer.buffer(result.body()));
    }

    private void cancel(Exchange exchange, Predicate<Queue.View> theirs, UUID id) {
        Queue.Cancelled outcome =
                find(theirs, id).isEmpty()
                        ? Queue.Cancelled.NOT_FOUND
                        : queue.cancel(id, clock.instant());
        exchange.answer(request -> {
            switch (outcome) {
                case REMOVED -> Answers.json(request, id, 200, Map.of("status", "OK"));
                case SIGNALLED ->
                        Answers.json(request, id, 202, Map.of("status", "CANCELLATION_REQUESTED"));
                case ALREADY_COMPLETED ->
                        Answers.json(request, id, 400, Map.of("status", "ALREADY_COMPLETED"));
                case NOT_FOUND -> Answers.json(request, id, 404, Map.of("status", "NOT_FOUND"));
            }
        });
    }

    /// A request is found only below the app it was submitted to.
    private Optional<Queue.View> find(Predicate<Queue.View> theirs, UUID id) {
        return queue.find(id).filter(theirs);
    }

    private Queue.NewRequest row(
            HttpServerRequest request,
            UUID id,
            Route route,
            String path,
            CallOptions options,
            String caller,
            Buffer body) {
        boolean owner = caller.equals(route.app().owner());
        return new Queue.NewRequest(
                id,
                route.app(),
                request.method().name(),
                QueryText.uri(path, request.query()),
                CallHeaders.toRunner(request.headers(), route, path, id, caller),
                body.getBytes(),
                caller,
                options.lowPriority() ? Queue.Priority.LOW : Queue.Priority.NORMAL,
                options.startDeadline(clock.instant()),
                options.noRetry(),
                owner ? options.retries() : null,
                options.hint(),
                null,
                options.storePayload(),
                clock.instant());
    }

    private static boolean allow(
            HttpServerRequest request, UUID id, boolean allowed, String method) {
        if (!allowed) {
            request.response().putHeader("allow", method);
            Answers.refusal(request, id, 405, "this needs " + method);
        }
        return allowed;
    }

    private static void notFound(HttpServerRequest request, UUID id) {
        Answers.json(request, id, 404, Map.of("status", "NOT_FOUND"));
    }

    private void aside(HttpServerRequest request, UUID id, Consumer<Exchange> work) {
        Exchange.aside(
                request,
                vertx.getOrCreateContext(),
                id,
                "the queue could not be asked; try again",
                work);
    }
}
