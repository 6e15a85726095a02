package mews.control;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import mews.account.CallTokens;
import mews.deploy.Deployment;
import mews.model.Addresses;

/// What owners use, over gRPC and REST. Make one per server; its handlers may serve any number of
/// listeners and event loops.
public final class ControlDoor {
    private final Vertx vertx;
    private final Controller controller;
    private final Credentials credentials;
    private final Function<HttpServerRequest, Addresses> addresses;
    private final Router router;
    private final RestDoor rest;

    public ControlDoor(Vertx vertx, ControlRooms rooms) {
        this.vertx = vertx;
        this.credentials = new Credentials(rooms.keys(), rooms.teams());
        this.addresses = rooms.addresses().asReached();
        this.controller = controller(rooms);
        this.router = router(rooms, credentials);
        this.rest = new RestDoor(router, credentials);
    }

    /// Calls of the `IsolateController` and `grpc.health.v1.Health` services, over HTTP/2.
    public Handler<HttpServerRequest> grpc() {
        return new GrpcDoor(vertx, controller, new Gate(credentials), addresses);
    }

    /// REST of fal and of Mews, over HTTP/1.1 or HTTP/2.
    public Handler<HttpServerRequest> rest() {
        return rest;
    }

    /// Every REST endpoint.
    List<Router.Route> routes() {
        return router.routes();
    }

    private static Router router(ControlRooms rooms, Credentials credentials) {
        Names names = new Names(rooms.accounts());
        ControlRooms.FileRooms files = rooms.files();
        Router router = new Router();
        router.on(
                "GET",
                "/health",
                Router.Access.ANYONE,
                exchange -> exchange.json(200, Map.of("status", "ok")));
        new UserPages(rooms.accounts(), rooms.teams()).routes(router);
        new TeamPages(rooms).routes(router);
        new AddressPages(rooms.addresses()).routes(router);
        new LogPages(rooms.logs(), names).routes(router);
        new AppPages(rooms, names).routes(router);
        new SealPages(rooms.sealingKeys()).routes(router);
        new RunnerPages(rooms).routes(router);
        new ExplainPages(rooms, names).routes(router);
        new LockPages(rooms.deployment(), names).routes(router);
        new CachePages(rooms.cache()).routes(router);
        new StoragePages(
                        files.uploads(),
                        new CdnTokens(rooms.seal(), rooms.clock()),
                        credentials,
                        rooms.addresses().named().api())
                .routes(router);
        new TokenPages(new CallTokens(rooms.seal(), rooms.clock())).routes(router);
        new WorkflowPages(rooms).routes(router);
        new AppFilePages(files.blobs(), files.appFiles(), files.parts()).routes(router);
        new DataPages(rooms.home(), files.parts(), new Downloads(Downloads::isPublic))
                .routes(router);
        return router;
    }

    private static Controller controller(ControlRooms rooms) {
        Deployment deployment = rooms.deployment();
        Names names = new Names(rooms.accounts());
        Specs specs = new Specs(rooms.machines(), rooms.region());
        Preflight preflight = new Preflight(rooms.files().blobs(), rooms.secrets());
        JobCalls jobs =
                new JobCalls(
                        rooms.builder(),
                        rooms.fleet(),
                        rooms.logs(),
                        specs.machines(),
                        rooms.clock());
        RunnerCalls runners =
                new RunnerCalls(
                        rooms.fleet(),
                        deployment.routes(),
                        names,
                        rooms.machines(),
                        new WaitingStarts(rooms.standings()),
                        rooms.clock());
        return new Controller(
                new BuildCalls(rooms.builder(), names, specs.machines(), preflight),
                new RunCalls(
                        deployment.deployer(),
                        rooms.logs(),
                        new RunnerNews(rooms.fleet(), deployment.routes()),
                        names,
                        specs,
                        preflight,
                        jobs),
                new RegisterCalls(deployment, rooms.logs(), names, specs, preflight),
                new AppCalls(deployment, rooms.fleet(), names, specs.machines()),
                runners,
                new ShellCalls(rooms.fleet(), runners),
                new AccountCalls(
                        rooms.accounts(),
                        rooms.keys(),
                        rooms.secrets(),
                        deployment,
                        rooms.history(),
                        names));
    }
}
