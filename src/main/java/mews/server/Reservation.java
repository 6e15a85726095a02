package mews.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Addresses to listen on, held from the first moment of a start until the server is ready to
/// listen there itself: a start takes seconds, and its URLs are told before it ends.
final class Reservation implements AutoCloseable {
    private static final int ATTEMPTS = 50;

    private final ServerConfig config;
    private final List<ServerSocket> held;

    private Reservation(ServerConfig config, List<ServerSocket> held) {
        this.config = config;
        this.held = held;
    }

    /// Holds the addresses of `wished`, or the same on any free port where nobody asked for one.
    ///
    /// @throws Refusal if a port that was asked for is taken
    static Reservation take(ServerConfig wished) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        @Nullable InetSocketAddress taken = hold(wished, held);
        if (taken == null) {
            return new Reservation(wished, held);
        }
        if (!wished.server().anyPort()) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "cannot listen on %s:%d: it is taken or not an address of this machine; stop what listens there, or set another address in mews.toml"
                            .formatted(taken.getHostString(), taken.getPort()));
        }
        return takeAny(wished);
    }

    /// Holds the addresses of `wished` on some free port.
    static Reservation takeAny(ServerConfig wished) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            ServerConfig other = wished.onPort(anyPort(), false);
            if (hold(other, held) == null) {
                return new Reservation(other, held);
            }
        }
        throw new IOException("no port is free on all addresses to listen on");
    }

    /// With the ports that are held.
    ServerConfig config() {
        return config;
    }

    /// Lets go, for whoever listens next.
    @Override
    public void close() throws IOException {
        for (ServerSocket socket : held) {
            socket.close();
        }
    }

    /// @param held gets the sockets, or nothing if an address is taken
    /// @return the address that is taken, null if all are held
    private static @Nullable InetSocketAddress hold(ServerConfig config, List<ServerSocket> held)
            throws IOException {
        for (InetSocketAddress address : Authorities.listen(config)) {
            ServerSocket socket = new ServerSocket();
            try {
                socket.setReuseAddress(true);
                socket.bind(address);
                held.add(socket);
            } catch (IOException e) {
                socket.close();
                for (ServerSocket other : held) {
                    other.close();
                }
                held.clear();
                return address;
            }
        }
        return null;
    }

    private static int anyPort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }
}
