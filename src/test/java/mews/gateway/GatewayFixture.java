package mews.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import mews.account.AccountTable;
import mews.account.CallTokens;
import mews.account.Keys;
import mews.account.Teams;
import mews.base.Home;
import mews.base.Json;
import mews.base.Seal;
import mews.deploy.Workflows;
import mews.dispatch.RunnerClient;
import mews.dispatch.VertxDispatcher;
import mews.model.Addresses;
import mews.model.AppName;
import mews.model.AuthMode;
import mews.model.Caller;
import mews.model.Family;
import mews.model.KeyScope;
import mews.model.RevisionSpec;
import mews.queue.PostgresQueue;
import mews.queue.Retention;
import mews.sql.Database;
import mews.testing.FakeRoutes;
import mews.testing.ManualFleet;
import mews.testing.MemoryHistory;
import mews.testing.MemoryLogs;
import mews.testing.Specs;
import mews.testing.StreamingApp;
import mews.testing.TestDatabase;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A gateway on loopback before a true dispatcher, a true queue and true HTTP servers as runners.
final class GatewayFixture implements AutoCloseable {
    static final AppName APP = new AppName("ada", "hello");

    static final Duration STREAM_DRAIN = Duration.ofMillis(300);

    final Vertx vertx =
            Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(2));
    final ManualFleet fleet = new ManualFleet();
    final FakeRoutes routes = new FakeRoutes();
    final MemoryHistory history = new MemoryHistory();
    final MemoryLogs logs = new MemoryLogs();
    final Database database = TestDatabase.fresh();
    final Path folder = temporary();
    final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final PostgresQueue queue;
    final AccountTable accounts;
    final Teams teams;
    final Workflows workflows;
    final WorkflowRuns runs;
    final VertxDispatcher dispatcher;
    final HttpServer front;
    final StreamingApp app;
    UUID revision;

    GatewayFixture() throws Exception {
        InstantSource clock = InstantSource.system();
        queue =
                PostgresQueue.open(
                        database,
                        new Home(folder, folder),
                        new Seal(new byte[32]),
                        history,
                        clock,
                        Retention.DEFAULT);
        revision = serve(APP, AuthMode.PUBLIC, Duration.ofSeconds(30), Duration.ofSeconds(30));
        dispatcher =
                VertxDispatcher.start(
                        vertx,
                        fleet,
                        queue,
                        routes,
                        new RunnerClient(vertx),
                        history,
                        STREAM_DRAIN,
                        clock);
        SomeKeys keys = new SomeKeys();
        accounts = new AccountTable(database, clock);
        teams = new Teams(database, accounts, keys, clock);
        workflows = new Workflows(database);
        runs = WorkflowRuns.start(workflows, routes, queue, clock);
        Gateway gateway =
                new Gateway(
                        vertx,
                        routes,
                        keys,
                        teams,
                        new CallTokens(new Seal(new byte[32]), clock),
                        dispatcher,
                        queue,
                        logs,
                        history,
                        runs,
                        caller -> addresses(),
                        clock);
        front =
                vertx.createHttpServer(new HttpServerOptions().setMaxHeaderSize(64 * 1024))
                        .requestHandler(request -> {
                            String path = request.path();
                            boolean queued = path.startsWith("/queue/");
                            boolean socket = path.startsWith("/ws/");
                            Family family = queued ? Family.QUEUE : socket ? Family.WS : Family.RUN;
                            int prefix = queued ? 6 : socket ? 3 : 0;
                            gateway.handle(request, family, path.substring(prefix));
                        })
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get();
        app = StreamingApp.listen(vertx, folder.resolve("app.sock"));
    }

    /// A token with which `account` calls an app.
    String token(String account, String app) {
        return new CallTokens(new Seal(new byte[32]), InstantSource.system())
                .issue(account, List.of(app), Duration.ofMinutes(2));
    }

    UUID serve(AppName name, AuthMode auth, Duration request, Duration startup) {
        return serve(name, auth, Specs.app(), request, startup);
    }

    UUID serve(AppName name, AuthMode auth, RevisionSpec spec, Duration request, Duration startup) {
        UUID id = routes.serve(name, auth, spec, request, startup);
        if (name.equals(APP)) {
            revision = id;
        }
        return id;
    }

    /// One more runner for the app.
    UUID runner(int slots) {
        return fleet.ready(APP, revision, slots, app.socket());
    }

    int port() {
        return front.actualPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    Addresses addresses() {
        String origin = "http://127.0.0.1:" + port();
        return new Addresses(origin, origin, origin + "/queue", origin + "/ws");
    }

    static HttpRequest.Builder to(String url) {
        return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(60));
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = to(url(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = to(url(path)).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static JsonNode json(HttpResponse<String> response) {
        return Json.MAPPER.readTree(response.body());
    }

    /// Ada's key is `ada:secret`, Bob's is `bob:secret`, and so on; `crew:secret` is Ada's key of
    /// the team `crew`.
    private static final class SomeKeys implements Keys {
        private static final Set<String> USERS = Set.of("ada", "bob", "cleo", "dan");

        @Override
        public @Nullable Caller authenticate(String id, String secret) {
            if (!secret.equals("secret")) {
                return null;
            }
            if (id.equals("crew")) {
                return new Caller("crew", "ada", id, KeyScope.API);
            }
            return USERS.contains(id) ? new Caller(id, id, id, KeyScope.API) : null;
        }

        @Override
        public NewKey create(Wish wish) {
            throw new UnsupportedOperationException("the gateway checks keys and makes none");
        }

        @Override
        public List<KeyInfo> list(String account) {
            return List.of();
        }

        @Override
        public boolean revoke(String account, String id) {
            return false;
        }

        @Override
        public void revokeAll(String account, String user) {}

        @Override
        public NewKey issueToRunner(String account) {
            throw new UnsupportedOperationException("the gateway checks keys and makes none");
        }

        @Override
        public void revokeRunnerKey(String id) {}
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("mg");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
        app.close();
        runs.close();
        dispatcher.close();
        queue.close();
        database.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
