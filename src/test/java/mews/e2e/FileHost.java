package mews.e2e;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.SimpleFileServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import mews.host.Command;

/// A folder over http, at an address of this machine that counts as a part of the internet: the
/// toolkit fetches from nowhere else. Needs root.
final class FileHost implements AutoCloseable {
    /// Of a relay service that was given up; no traffic of this machine goes there.
    static final String ADDRESS = "192.88.99.83";

    private final HttpServer server;

    FileHost(Path folder) {
        address("add");
        server =
                SimpleFileServer.createFileServer(
                        new InetSocketAddress(ADDRESS, 0),
                        folder,
                        SimpleFileServer.OutputLevel.NONE);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    String url() {
        return "http://" + ADDRESS + ":" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        address("del");
    }

    private static void address(String change) {
        // Left over from a test that was killed, it is there already.
        Command.run(Duration.ofSeconds(10), "ip", "addr", change, ADDRESS + "/32", "dev", "lo");
    }
}
