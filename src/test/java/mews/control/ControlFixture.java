package mews.control;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.vertx.core.Vertx;
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
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import mews.account.AccountTable;
import mews.account.KeyRing;
import mews.account.Keys;
import mews.account.SealedSecrets;
import mews.account.Teams;
import mews.base.Folders;
import mews.base.Home;
import mews.base.Seal;
import mews.build.Cache;
import mews.build.DiskSpace;
import mews.deploy.Deployment;
import mews.fleet.RunnerOrder;
import mews.history.FactStore;
import mews.logs.LogStore;
import mews.model.Addresses;
import mews.model.AppName;
import mews.model.KeyScope;
import mews.model.MachineCatalog;
import mews.queue.PostgresQueue;
import mews.queue.Retention;
import mews.scale.Standing;
import mews.sql.Database;
import mews.storage.AppFiles;
import mews.storage.BlobFolder;
import mews.storage.Parts;
import mews.storage.Uploads;
import mews.testing.FakeBuilder;
import mews.testing.FakeFleet;
import mews.testing.FakeShelf;
import mews.testing.TestDatabase;
import mews.wire.proto.IsolateControllerGrpc;
import org.jspecify.annotations.Nullable;

/// The door on a loopback port, before real rooms with a database of their own; only builder and
/// fleet are fakes.
final class ControlFixture implements AutoCloseable {
    static final String ACCOUNT = AccountTable.FIRST;

    final FakeBuilder builder = new FakeBuilder();
    final FakeFleet fleet = new FakeFleet();
    final Path folder;
    final Home home;
    final LogStore logs;
    final FactStore history;
    final Uploads uploads;
    final PostgresQueue queue;
    final Deployment deployment;
    final SealedSecrets secrets;
    final Keys.NewKey admin;
    final Keys.NewKey caller;
    final int port;
    private final Database database = TestDatabase.fresh();
    private final Cache cache;
    private final AccountTable accounts;
    private final KeyRing keys;
    final Teams teams;

    /// What explanations are told of apps.
    final Map<AppName, Standing> standings = new ConcurrentHashMap<>();

    final FakeShelf shelf = new FakeShelf();
    private final Vertx vertx = Vertx.vertx();
    private final ManagedChannel channel;
    private final ControlDoor door;

    /// As the official client speaks.
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    ControlFixture() {
        try {
            folder = Files.createTempDirectory("mews-control");
            home = new Home(folder, folder);
            InstantSource clock = InstantSource.system();
            Seal seal = new Seal(new byte[32]);
            accounts = new AccountTable(database, clock);
            accounts.ensureFirst();
            keys = new KeyRing(database, clock);
            admin = keys.create(ACCOUNT, KeyScope.ADMIN, "tests");
            caller = keys.create(ACCOUNT, KeyScope.API, "callers");
            teams = new Teams(database, accounts, keys, clock);
            secrets = new SealedSecrets(database, seal, clock);
            logs = new LogStore(database, clock, Duration.ofDays(1));
            history = new FactStore(database, clock, Duration.ofDays(1));
            BlobFolder blobs = new BlobFolder(home.files());
            Parts parts = new Parts(home.files(), clock);
            uploads = new Uploads(database, home.files(), parts, clock);
            queue = PostgresQueue.open(database, home, seal, history, clock, Retention.DEFAULT);
            deployment =
                    Deployment.open(
                            database, seal, builder, MachineCatalog.standard(), logs, clock);
            cache = openCache(clock);
            HttpServer server =
                    vertx.createHttpServer(
                            new HttpServerOptions()
                                    .setHost("127.0.0.1")
                                    .setPort(0)
                                    .setHttp2ClearTextEnabled(true));
            int[] bound = new int[1];
            ControlDoor[] door = new ControlDoor[1];
            server.requestHandler(request -> {
                String type = request.getHeader("content-type");
                if (type != null && type.startsWith("application/grpc")) {
                    door[0].grpc().handle(request);
                } else {
                    door[0].rest().handle(request);
                }
            });
            server.listen().toCompletionStage().toCompletableFuture().join();
            bound[0] = server.actualPort();
            port = bound[0];
            String base = "http://127.0.0.1:" + port;
            Addresses addresses = new Addresses(base, base, base + "/queue", base + "/ws");
            door[0] =
                    new ControlDoor(
                            vertx,
                            new ControlRooms(
                                    accounts,
                                    keys,
                                    teams,
                                    secrets,
                                    logs,
                                    history,
                                    new ControlRooms.FileRooms(
                                            blobs, new AppFiles(blobs, parts), parts, uploads),
                                    seal,
                                    () -> {
                                        seal.rotate(java.util.Arrays.copyOf(new byte[] {1}, 32));
                                        return secrets.sealAgain();
                                    },
                                    home,
                                    fleet,
                                    queue,
                                    builder,
                                    deployment,
                                    MachineCatalog.standard(),
                                    new ControlRooms.Reach(
                                            addresses, addresses.overTls(), null, _ -> addresses),
                                    null,
                                    cache,
                                    app -> Optional.ofNullable(standings.get(app)),
                                    clock));
            this.door = door[0];
            channel = OkHttpChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Cache openCache(InstantSource clock) {
        return Cache.open(
                List.of(shelf),
                List.of(() -> deployment.environments().uses(1)),
                new Cache.Limits(1_000_000, new DiskSpace(folder, 0)),
                clock);
    }

    IsolateControllerGrpc.IsolateControllerBlockingStub grpc() {
        return grpc(admin.id(), admin.secret());
    }

    IsolateControllerGrpc.IsolateControllerBlockingStub grpc(String id, String secret) {
        return IsolateControllerGrpc.newBlockingStub(channel)
                .withInterceptors(
                        MetadataUtils.newAttachHeadersInterceptor(credentials(id, secret)))
                .withMaxInboundMessageSize(Integer.MAX_VALUE);
    }

    /// @param key `id:secret`
    /// @param userId of the account to act for, or null
    IsolateControllerGrpc.IsolateControllerBlockingStub withUser(
            String key, @Nullable String userId) {
        int colon = key.indexOf(':');
        Metadata metadata = credentials(key.substring(0, colon), key.substring(colon + 1));
        if (userId != null) {
            metadata.put(Metadata.Key.of("fal-user-id", Metadata.ASCII_STRING_MARSHALLER), userId);
        }
        return IsolateControllerGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    /// @return an admin key of a new account
    Keys.NewKey otherAccount(String nickname) {
        accounts.create(nickname, nickname, true);
        return keys.create(nickname, KeyScope.ADMIN, "tests");
    }

    /// A runner of an app that serves, as its fleet would start it.
    UUID startRunner(AppName app) {
        var route = Objects.requireNonNull(deployment.routes().find(app));
        UUID runner =
                fleet.start(
                        new RunnerOrder(
                                route.revision(),
                                route.alias().generation(),
                                MachineCatalog.standard().find("S").orElseThrow(),
                                1,
                                route.alias().startupTimeout(),
                                null));
        fleet.ready(runner);
        return runner;
    }

    List<Router.Route> routes() {
        return door.routes();
    }

    ManagedChannel channel() {
        return channel;
    }

    /// @param path as it is sent, encoded
    HttpResponse<String> rest(String method, String path, String body) {
        return send(
                HttpRequest.newBuilder(uri(path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .header("Authorization", "Key " + admin.text()));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    static Metadata credentials(String id, String secret) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("auth-key-id", Metadata.ASCII_STRING_MARSHALLER), id);
        metadata.put(Metadata.Key.of("auth-key", Metadata.ASCII_STRING_MARSHALLER), secret);
        return metadata;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        http.close();
        cache.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        queue.close();
        uploads.close();
        history.close();
        logs.close();
        database.close();
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
