package mews.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.model.Addresses;
import mews.model.Family;
import mews.model.Refusal;

/// Which `host:port` serves which family. protocol: choices 1
///
/// @param hosts loopback or other addresses to listen on, with the family each stands for
/// @param port the same for all
record Authorities(Map<String, Family> hosts, int port) {
    /// One loopback address for each family: names are not needed, and every path is free for apps.
    static final Map<String, Family> LOOPBACK = loopback();

    Authorities {
        hosts = new LinkedHashMap<>(hosts);
    }

    /// Takes `wished`, or any port that is free on all hosts when it was not asked for by name.
    ///
    /// @param fixed the port was configured: if it is taken, that is told instead of taking another
    static Authorities choose(Map<String, Family> hosts, int wished, boolean fixed)
            throws IOException {
        if (free(hosts, wished)) {
            return new Authorities(hosts, wished);
        }
        if (fixed) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "port %d is taken on one of %s; stop what listens there or set another port"
                            .formatted(wished, String.join(", ", hosts.keySet())));
        }
        for (int attempt = 0; attempt < 50; attempt++) {
            int port;
            try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = any.getLocalPort();
            }
            if (free(hosts, port)) {
                return new Authorities(hosts, port);
            }
        }
        throw new IOException("no port is free on all of " + String.join(", ", hosts.keySet()));
    }

    Addresses addresses() {
        return new Addresses(
                "http://" + authority(Family.CONTROL),
                "http://" + authority(Family.CONTROL),
                hosts.containsValue(Family.QUEUE)
                        ? "http://" + authority(Family.QUEUE)
                        : "http://" + authority(Family.CONTROL) + "/queue",
                hosts.containsValue(Family.WS)
                        ? "ws://" + authority(Family.WS)
                        : "ws://" + authority(Family.CONTROL) + "/ws");
    }

    /// @param host without a port
    Family family(String host) {
        return hosts.getOrDefault(host, Family.CONTROL);
    }

    List<String> listen() {
        return List.copyOf(hosts.keySet());
    }

    private String authority(Family family) {
        return hosts.entrySet().stream()
                        .filter(entry -> entry.getValue() == family)
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElse("127.0.0.1")
                + ":"
                + port;
    }

    private static boolean free(Map<String, Family> hosts, int port) {
        for (String host : hosts.keySet()) {
            try (ServerSocket probe = new ServerSocket()) {
                probe.setReuseAddress(true);
                probe.bind(new InetSocketAddress(host, port));
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    private static Map<String, Family> loopback() {
        Map<String, Family> hosts = new LinkedHashMap<>();
        hosts.put("127.0.0.1", Family.CONTROL);
        hosts.put("127.0.0.2", Family.QUEUE);
        hosts.put("127.0.0.3", Family.WS);
        return hosts;
    }
}
