package mews.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import mews.model.Addresses;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontDoorTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static final Listeners LISTENERS = new Listeners(VERTX, 1);
    private static Addresses addresses = new Addresses("", "", "", "");

    @BeforeAll
    static void listen() throws Exception {
        Reservation reservation = Reservation.takeAny(ConfigFile.parse("mews.toml", "", null));
        ServerConfig config = reservation.config();
        reservation.close();
        addresses = config.urls();
        LISTENERS.open(new Authorities(config), door(config));
    }

    @AfterAll
    static void close() throws Exception {
        LISTENERS.drain(Duration.ZERO);
        VERTX.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/local/app,                 RUN /local/app",
        "/local/app/v1/x,            RUN /local/app/v1/x",
        "/users/current,             rest",
        "//files/list//data,         rest",
        "/v1/mews/explain,           rest",
        "/v1/mews/presence,          presence",
        "/health,                    '{\"status\":\"ok\"}'",
        "/run/users/app,             RUN /users/app",
        "/queue/local/app/requests/, QUEUE /local/app/requests/",
        "/ws/local/app,              WS /local/app",
        "/cdn/storage/files/b/i/n,   rest",
        "/queue,                     RUN /queue",
        "/,                          RUN /",
        "/kv/get/db/key,             '{\"detail\":\"the key-value store is not served by this version\"}'",
    })
    void onTheControlAddress(String path, String where) throws Exception {
        assertThat(get(addresses.api() + path)).isEqualTo(where);
    }

    @Test
    void eachFamilyHasAnAddressWhereEveryPathIsItsOwn() throws Exception {
        assertThat(get(addresses.queue() + "/users/app")).isEqualTo("QUEUE /users/app");
        assertThat(get(addresses.ws().replace("ws:", "http:") + "/logs/app"))
                .isEqualTo("WS /logs/app");
    }

    @Test
    void grpcIsToldByItsContentType() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(addresses.api() + "/Service/Method"))
                        .header("content-type", "application/grpc+proto")
                        .GET()
                        .build();
        assertThat(send(request)).isEqualTo("grpc");
    }

    @Test
    void aNameBeatsTheAddressItArrivedAt() {
        ServerConfig config =
                ConfigFile.parse(
                        "f",
                        """
                        [addresses]
                        "127.0.0.1:8787" = "control"
                        "https://queue.example.org" = "queue"
                        "http://127.0.0.1:9000" = "ws"
                        """,
                        null);
        Authorities authorities = new Authorities(config);
        assertThat(family(authorities, "Queue.example.org", -1)).isEqualTo("QUEUE");
        assertThat(family(authorities, "queue.example.org", 443)).isEqualTo("QUEUE");
        assertThat(family(authorities, "127.0.0.1", 9000)).isEqualTo("WS");
        assertThat(family(authorities, "elsewhere.org", 80)).isEqualTo("CONTROL");
        assertThat(authorities.listen()).hasSize(2);
    }

    @Test
    void anAddressOfAllCoversTheOthersOfItsPort() {
        ServerConfig config = ConfigFile.parse("f", "[server]\nlisten = [\"0.0.0.0:8787\"]", null);
        assertThat(new Authorities(config).listen()).hasSize(1);
    }

    @Test
    void aRunnerReachesCallsAndFilesOnly() throws Exception {
        Path folder = java.nio.file.Files.createTempDirectory("door");
        Path socket = folder.resolve("door.sock");
        try (AutoCloseable open = LISTENERS.open(socket, "local")) {
            assertThat(open).isNotNull();
            assertThat(overSocket(socket, "/local/app")).isEqualTo("RUN /local/app");
            assertThat(overSocket(socket, "/storage/upload/initiate")).isEqualTo("rest");
            assertThat(overSocket(socket, "/queue/local/app")).isEqualTo("QUEUE /local/app");
            assertThat(overSocket(socket, "/users/current")).contains("inside a runner");
        } finally {
            mews.base.Folders.delete(folder);
        }
    }

    @Test
    void anAddressIsHeldUntilTheServerListens() throws Exception {
        ServerConfig wished = ConfigFile.parse("mews.toml", "", null);
        Reservation first = Reservation.takeAny(wished);
        try {
            try (Reservation second = Reservation.take(first.config())) {
                assertThat(second.config().urls().api()).isNotEqualTo(first.config().urls().api());
            }
        } finally {
            first.close();
        }
        try (Reservation again = Reservation.take(first.config())) {
            assertThat(again.config()).isEqualTo(first.config());
        }
    }

    private static String overSocket(Path socket, String path) throws Exception {
        var client = VERTX.createHttpClient();
        try {
            return client.request(
                            new io.vertx.core.http.RequestOptions()
                                    .setServer(
                                            io.vertx.core.net.SocketAddress.domainSocketAddress(
                                                    socket.toString()))
                                    .setHost("127.0.0.1")
                                    .setPort(URI.create(addresses.api()).getPort())
                                    .setURI(path))
                    .compose(io.vertx.core.http.HttpClientRequest::send)
                    .compose(io.vertx.core.http.HttpClientResponse::body)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get()
                    .toString();
        } finally {
            client.close().toCompletionStage().toCompletableFuture().get();
        }
    }

    private static String family(Authorities authorities, String host, int port) {
        return authorities
                .family(
                        io.vertx.core.net.HostAndPort.authority(host, port),
                        io.vertx.core.net.SocketAddress.inetSocketAddress(8787, "127.0.0.1"))
                .name();
    }

    private static FrontDoor door(ServerConfig config) {
        return new FrontDoor(
                new Authorities(config),
                new FrontDoor.Doors(
                        request -> say(request, "grpc"),
                        request -> say(request, "rest"),
                        (request, family, path) -> say(request, family + " " + path),
                        request -> say(request, "presence")));
    }

    private static void say(HttpServerRequest request, String what) {
        request.response().end(what);
    }

    private static String get(String url) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(url)).GET().build());
    }

    private static String send(HttpRequest request) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }
}
