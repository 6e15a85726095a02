package mews.sql;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A port of this host's loopback that stays the same as long as nobody else takes it, since a
/// person may have noted it.
final class NotedPort {
    private static final Logger LOG = LoggerFactory.getLogger(NotedPort.class);

    private NotedPort() {}

    /// @param file where it is kept; made if it is not there
    /// @return that of an earlier call if it is free, otherwise any that is
    static int choose(Path file) throws IOException {
        int wanted = 0;
        if (Files.exists(file)) {
            try {
                wanted = Integer.parseInt(Files.readString(file).strip());
            } catch (NumberFormatException e) {
                LOG.warn("noted port is not a number, choosing another file={}", file);
            }
        }
        int chosen = wanted > 0 && isFree(wanted) ? wanted : anyFree();
        Files.writeString(file, chosen + "\n");
        return chosen;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static int anyFree() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
