package mews.server;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import mews.base.Home;
import mews.cli.Serve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `mews serve`: a server until a signal, or until nobody uses it any more.
public final class Serving {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    private Serving() {}

    /// @return the exit code
    public static int run(Serve.Wish wish) throws IOException {
        Home home = Home.ofEnvironment();
        CountDownLatch stopped = new CountDownLatch(1);
        try {
            MewsServer server = MewsServer.start(home, config(home, wish));
            // A signal runs this; the JVM waits for it.
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform()
                                    .unstarted(() -> {
                                        LOG.info("server is stopping");
                                        server.close();
                                        stopped.countDown();
                                    }));
            if (wish.whileUsed()) {
                server.awaitUnused();
                LOG.info("nobody uses this server any more");
                return 0;
            }
            stopped.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    private static ServerConfig config(Home home, Serve.Wish wish) {
        ServerConfig config =
                wish.config() == null
                        ? ConfigFile.read(home.config())
                        : ConfigFile.readGiven(wish.config());
        @Nullable Integer port = wish.port();
        return port == null ? config : config.onPort(port, true);
    }
}
