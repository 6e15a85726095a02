package mews.gateway;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import mews.account.CallTokens;
import mews.account.Keys;
import mews.account.Teams;
import mews.base.Ids;
import mews.deploy.Routes;
import mews.dispatch.Dispatcher;
import mews.dispatch.RunnerClient;
import mews.history.History;
import mews.logs.Logs;
import mews.model.Addresses;
import mews.model.ErrorType;
import mews.model.Family;
import mews.model.Refusal;
import mews.model.Route;
import mews.queue.Queue;
import org.jspecify.annotations.Nullable;

/// What callers use. Never blocks: everything it decides by is in memory, and what blocks is handed
/// to virtual threads. Thread-safe; a call stays on the event loop it came in on.
public final class Gateway {
    private final Vertx vertx;
    private final Routes routes;
    private final Access access;
    private final Dispatcher dispatcher;
    private final RunnerClient client;
    private final History history;
    private final QueueDoor queue;
    private final WorkflowDoor workflows;
    private final InstantSource clock;

    public Gateway(
            Vertx vertx,
            Routes routes,
            Keys keys,
            Teams teams,
            CallTokens tokens,
            Dispatcher dispatcher,
            Queue queue,
            Logs logs,
            History history,
            WorkflowRuns workflows,
            Function<HttpServerRequest, Addresses> addresses,
            InstantSource clock) {
        this.vertx = vertx;
        this.routes = routes;
        this.access = new Access(keys, teams, tokens);
        this.dispatcher = dispatcher;
        this.client = new RunnerClient(vertx);
        this.history = history;
        this.queue = new QueueDoor(vertx, queue, logs, addresses, clock);
        this.workflows = new WorkflowDoor(vertx, workflows, access, this.queue, clock);
        this.clock = clock;
    }

    /// @param family which kind of address it came to; `CONTROL` means a sync call there
    /// @param path without the prefix of the family
    public void handle(HttpServerRequest request, Family family, String path) {
        UUID id = Ids.next(clock);
        if (request.method() == HttpMethod.OPTIONS
                && request.headers().contains("access-control-request-method")) {
            Answers.preflight(request, id);
            return;
        }
        switch (family) {
            case RUN, CONTROL -> run(request, id, path);
            case QUEUE -> queue(request, id, path);
            case WS ->
                    Answers.refusal(
                            request,
                            id,
                            501,
                            "HTTP over websocket is not offered by this server yet; call the run address instead");
        }
    }

    private void run(HttpServerRequest request, UUID id, String path) {
        EndpointPath endpoint = EndpointPath.ofCall(path);
        if (endpoint != null && endpoint.isWorkflow()) {
            workflows.call(request, id, endpoint);
            return;
        }
        Granted granted = enter(request, id, endpoint);
        if (granted == null || endpoint == null) {
            return;
        }
        CallOptions options = options(request, id, granted);
        if (options == null) {
            return;
        }
        Map<String, String> headers =
                CallHeaders.toRunner(
                        request.headers(), granted.route(), endpoint.rest(), id, granted.caller());
        SyncCall.Facts facts =
                new SyncCall.Facts(
                        id,
                        granted.route(),
                        QueryText.uri(endpoint.rest(), request.query()),
                        headers,
                        options);
        request.pause();
        boolean socket = SocketCall.isUpgrade(request);
        CallHistory told =
                new CallHistory(
                        history,
                        clock,
                        facts,
                        socket ? "websocket" : "sync",
                        request.method().name());
        if (socket) {
            SocketCall call = new SocketCall(vertx, request, facts, client, told);
            call.listenForHangUp(() -> dispatcher.abandon(id));
            admit(facts, null).onSuccess(call::admitted).onFailure(call::notAdmitted);
            return;
        }
        SyncCall call = new SyncCall(vertx, request, facts, client, told);
        call.listenForHangUp(() -> dispatcher.abandon(id));
        admit(facts, options.startDeadline(clock.instant()))
                .onSuccess(call::admitted)
                .onFailure(call::notAdmitted);
    }

    /// @param wished start deadline of the caller; null = as long as a start may take
    private Future<Dispatcher.Slot> admit(SyncCall.Facts facts, @Nullable Instant wished) {
        Instant deadline =
                wished == null
                        ? clock.instant().plus(facts.route().alias().startupTimeout())
                        : wished;
        return dispatcher.admit(facts.route(), facts.id(), deadline, facts.options().hint());
    }

    private void queue(HttpServerRequest request, UUID id, String path) {
        EndpointPath endpoint = queued(request, path);
        if (endpoint != null && endpoint.isWorkflow() && !EndpointPath.malformedRequest(path)) {
            CallOptions options = options(request, id);
            if (options != null) {
                workflows.queued(request, id, endpoint, options);
            }
            return;
        }
        Granted granted = enter(request, id, endpoint);
        if (granted == null || endpoint == null) {
            return;
        }
        if (EndpointPath.malformedRequest(path)) {
            Answers.json(
                    request, id, 404, Map.of("status", "NOT_FOUND", "detail", "Request not found"));
        } else if (endpoint.request() != null) {
            queue.about(request, endpoint, granted.route(), granted.caller());
        } else if (request.method() != HttpMethod.POST) {
            request.response().putHeader("allow", "POST");
            Answers.refusal(request, id, 405, "a request is submitted with POST");
        } else {
            CallOptions options = options(request, id, granted);
            if (options != null) {
                queue.submit(
                        request, id, granted.route(), endpoint.rest(), options, granted.caller());
            }
        }
    }

    /// One official client leaves the namespace out when it asks about a request. protocol: data 2
    private @Nullable EndpointPath queued(HttpServerRequest request, String path) {
        EndpointPath endpoint = EndpointPath.ofQueue(path);
        boolean bare =
                endpoint != null
                        && endpoint.request() != null
                        && !endpoint.isWorkflow()
                        && request.getHeader("authorization") != null
                        && routes.find(endpoint.app()) == null;
        return bare ? EndpointPath.ofQueue("/workflows" + path) : endpoint;
    }

    /// @param caller account of the caller, empty for anyone
    private record Granted(Route route, String caller) {}

    /// Finds the app and checks who asks; answers itself when the way ends here.
    private @Nullable Granted enter(
            HttpServerRequest request, UUID id, @Nullable EndpointPath endpoint) {
        if (endpoint == null) {
            Answers.refusal(request, id, 404, "no app at this path; apps are at /{owner}/{app}");
            return null;
        }
        Route route = routes.find(endpoint.app());
        if (route == null || !route.revision().spec().served()) {
            Answers.refusal(
                    request,
                    id,
                    404,
                    "Application \"%s\" not found".formatted(endpoint.app().alias()));
            return null;
        }
        String caller = Answers.caller(access.check(route, Access.Sent.with(request)), request, id);
        return caller == null ? null : new Granted(route, caller);
    }

    private static @Nullable CallOptions options(
            HttpServerRequest request, UUID id, Granted granted) {
        CallOptions asked = options(request, id);
        return asked == null ? null : asked.toApp(granted.route().alias(), granted.caller());
    }

    private static @Nullable CallOptions options(HttpServerRequest request, UUID id) {
        try {
            return CallOptions.of(request.headers());
        } catch (Refusal refusal) {
            Answers.problem(request, id, ErrorType.BAD_REQUEST, refusal.getMessage());
            return null;
        }
    }
}
