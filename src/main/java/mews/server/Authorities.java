package mews.server;

import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import mews.model.Family;
import org.jspecify.annotations.Nullable;

/// Which `host:port` serves which family, and on which of them this server listens. protocol:
/// choices 1
final class Authorities {
    /// By `host:port` in lower case, without the port where the scheme implies it.
    private final Map<String, Family> families = new HashMap<>();

    /// By host alone: callers may come through a port that leads here.
    private final Map<String, Family> hosts = new HashMap<>();

    private final List<InetSocketAddress> listen;

    Authorities(ServerConfig config) {
        for (Authority authority : config.addresses()) {
            families.putIfAbsent(authority.text().toLowerCase(Locale.ROOT), authority.family());
            families.putIfAbsent(
                    text(authority.host(), authority.port()).toLowerCase(Locale.ROOT),
                    authority.family());
            hosts.putIfAbsent(authority.host().toLowerCase(Locale.ROOT), authority.family());
        }
        this.listen = listen(config);
    }

    /// Where to listen; an address of all covers the others on its port.
    List<InetSocketAddress> listen() {
        return listen;
    }

    /// @param asked as the caller wrote it; names lead the way
    /// @param local where it arrived; counts when the name is not known
    Family family(@Nullable HostAndPort asked, @Nullable SocketAddress local) {
        if (asked != null) {
            Family named = find(asked.host(), asked.port());
            if (named != null) {
                return named;
            }
        }
        if (local != null && local.hostAddress() != null) {
            Family arrived = find(local.hostAddress(), local.port());
            if (arrived != null) {
                return arrived;
            }
        }
        return Family.CONTROL;
    }

    private @Nullable Family find(String host, int port) {
        String low = host.toLowerCase(Locale.ROOT);
        Family exact = families.get(port < 0 ? low : text(low, port));
        return exact == null ? hosts.get(low) : exact;
    }

    /// All names and addresses that may lead here, without ports.
    static Set<String> names(ServerConfig config) {
        Set<String> names = new TreeSet<>(Set.of("localhost", "127.0.0.1", "::1"));
        Stream.concat(config.addresses().stream(), config.server().listen().stream())
                .map(Authority::host)
                .filter(host -> !host.equals("0.0.0.0") && !host.equals("::"))
                .forEach(names::add);
        return names;
    }

    static List<InetSocketAddress> listen(ServerConfig config) {
        Set<InetSocketAddress> all = new LinkedHashSet<>();
        List<Authority> authorities = new ArrayList<>(config.addresses());
        authorities.addAll(config.server().listen());
        for (Authority authority : authorities) {
            if (authority.isLiteral()) {
                all.add(
                        new InetSocketAddress(
                                InetAddress.ofLiteral(authority.host()), authority.port()));
            }
        }
        return all.stream()
                .filter(address ->
                        address.getAddress().isAnyLocalAddress()
                                || all.stream().noneMatch(other -> covers(other, address)))
                .toList();
    }

    private static boolean covers(InetSocketAddress whole, InetSocketAddress one) {
        return whole.getAddress().isAnyLocalAddress() && whole.getPort() == one.getPort();
    }

    private static String text(String host, int port) {
        return (host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }
}
