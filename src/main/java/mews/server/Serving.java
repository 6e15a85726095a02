package mews.server;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import mews.base.Home;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `mews serve`: a server until a signal, or until nobody uses it any more.
public final class Serving {
    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    private Serving() {}

    /// @param whileUsed end soon after the last command has left
    /// @return the exit code
    public static int run(boolean whileUsed) throws IOException {
        Home home = Home.ofEnvironment();
        CountDownLatch stopped = new CountDownLatch(1);
        try {
            MewsServer server = MewsServer.start(home, ConfigFile.read(home.config()));
            // A signal runs this; the JVM waits for it.
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform()
                                    .unstarted(() -> {
                                        LOG.info("server is stopping");
                                        server.close();
                                        stopped.countDown();
                                    }));
            if (whileUsed) {
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
}
