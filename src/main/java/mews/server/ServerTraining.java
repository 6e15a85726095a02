package mews.server;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import mews.base.Folders;
import mews.base.Home;
import mews.model.Addresses;

/// Uses once what a server uses while it starts, so that the JVM records those classes for its
/// start-up cache. Everything lives in a folder of its own that goes again; the sandbox is left
/// out, since it changes the host.
public final class ServerTraining {
    private ServerTraining() {}

    /// @return the exit code
    public static int run() throws IOException {
        Path folder = Files.createTempDirectory("mews-training");
        Shutdown shutdown = new Shutdown();
        try {
            Home home = new Home(folder, folder.resolve("sockets"));
            // Never the usual port: the server that this is done for is about to take it.
            Reservation reservation = Reservation.takeAny(ConfigFile.parse("mews.toml", "", null));
            reservation.close();
            ServerConfig config = reservation.config();
            shutdown.later("lock", HomeLock.take(home));
            Keepers.open(home, config, Clock.systemUTC(), shutdown);
            listen(config, shutdown);
            ask(config.urls());
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        } finally {
            shutdown.run();
            Folders.delete(folder);
        }
    }

    private static void listen(ServerConfig config, Shutdown shutdown)
            throws IOException, InterruptedException {
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        shutdown.later(
                "vertx", () -> vertx.close().toCompletionStage().toCompletableFuture().get());
        Listeners listeners = new Listeners(vertx, 1);
        Authorities authorities = new Authorities(config);
        shutdown.later("listeners", () -> listeners.drain(Duration.ZERO));
        listeners.open(
                authorities,
                new FrontDoor(
                        authorities,
                        new FrontDoor.Doors(
                                ServerTraining::answer,
                                ServerTraining::answer,
                                (request, _, _) -> answer(request),
                                ServerTraining::answer)));
    }

    private static void ask(Addresses addresses) throws IOException {
        for (String url : new String[] {addresses.api() + "/health", addresses.queue() + "/a/b"}) {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.getResponseCode();
            connection.disconnect();
        }
    }

    private static void answer(HttpServerRequest request) {
        request.response().end();
    }
}
