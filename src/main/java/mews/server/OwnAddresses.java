package mews.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.base.Home;

/// Where this server and its database listen: no sandbox is led there.
final class OwnAddresses {
    private static final int POSTGRESQL = 5432;

    /// Hosts of a driver's URL; several stand between commas.
    private static final Pattern HOSTS = Pattern.compile("^jdbc:postgresql://([^/?]*)");

    private OwnAddresses() {}

    /// Called once the database runs.
    static Set<InetSocketAddress> of(Home home, ServerConfig config) throws IOException {
        Set<InetSocketAddress> own = new HashSet<>(Authorities.listen(config));
        // Behind something that ends TLS, the address that callers use leads here as well.
        config.addresses().stream()
                .map(authority -> new InetSocketAddress(authority.host(), authority.port()))
                .forEach(own::add);
        String url = config.sql().url();
        if (url == null) {
            own.add(
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(),
                            Integer.parseInt(
                                    Files.readString(home.postgres().resolve("port")).strip())));
        } else {
            own.addAll(database(url));
        }
        return own;
    }

    static Set<InetSocketAddress> database(String url) {
        Set<InetSocketAddress> found = new HashSet<>();
        Matcher hosts = HOSTS.matcher(url);
        String all = hosts.find() ? hosts.group(1) : "";
        for (String each : all.substring(all.indexOf('@') + 1).split(",")) {
            int colon = each.lastIndexOf(':');
            boolean told = colon > each.lastIndexOf(']');
            String host = told ? each.substring(0, colon) : each;
            int port = told ? Integer.parseInt(each.substring(colon + 1)) : POSTGRESQL;
            found.add(new InetSocketAddress(host.isEmpty() ? "localhost" : host, port));
        }
        return found;
    }
}
