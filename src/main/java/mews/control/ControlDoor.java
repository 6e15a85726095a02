package mews.control;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import mews.deploy.Deployment;

/// What owners use, over gRPC and REST. Make one per server; its handlers may serve any number of
/// listeners and event loops.
public final class ControlDoor {
    private final Vertx vertx;
    private final Controller controller;
    private final Credentials credentials;

    public ControlDoor(Vertx vertx, ControlRooms rooms) {
        this.vertx = vertx;
        this.credentials = new Credentials(rooms.keys());
        this.controller = controller(rooms);
    }

    /// Calls of the `IsolateController` and `grpc.health.v1.Health` services, over HTTP/2.
    public Handler<HttpServerRequest> grpc() {
        return new GrpcDoor(vertx, controller, new Gate(credentials));
    }

    private static Controller controller(ControlRooms rooms) {
        Deployment deployment = rooms.deployment();
        Names names = new Names(rooms.accounts());
        Specs specs = new Specs(rooms.machines(), rooms.region());
        Preflight preflight = new Preflight(rooms.blobs(), rooms.secrets());
        Urls urls = new Urls(rooms.addresses());
        JobCalls jobs =
                new JobCalls(
                        rooms.builder(),
                        rooms.fleet(),
                        rooms.logs(),
                        specs.machines(),
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
                        jobs,
                        urls),
                new RegisterCalls(deployment, rooms.logs(), names, specs, preflight, urls),
                new AppCalls(deployment, rooms.fleet(), names, specs.machines()),
                new RunnerCalls(
                        rooms.fleet(), deployment.routes(), names, rooms.machines(), rooms.clock()),
                new AccountCalls(
                        rooms.accounts(),
                        rooms.keys(),
                        rooms.secrets(),
                        deployment.aliases(),
                        names));
    }
}
