package mews.server;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Addresses of databases, as people write them and as the driver wants them.
final class DatabaseUrl {
    private DatabaseUrl() {}

    /// @param text `postgresql://USER:PASSWORD@HOST[:PORT]/DATABASE[?…]`, also `postgres://`, or
    ///   the driver's own `jdbc:postgresql:`
    /// @return the driver's form; empty if it is neither
    static Optional<String> jdbc(String text) {
        if (text.startsWith("jdbc:postgresql:")) {
            return Optional.of(text);
        }
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme();
            String host = uri.getHost();
            String path = uri.getRawPath();
            if (scheme == null || !scheme.matches("postgres(ql)?") || host == null) {
                return Optional.empty();
            }
            if (path == null || path.length() < 2) {
                return Optional.empty();
            }
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
            String all = user(uri) + (query.isEmpty() ? "" : "&" + query);
            String trimmed = all.startsWith("&") ? all.substring(1) : all;
            return Optional.of(
                    "jdbc:postgresql://"
                            + host
                            + port
                            + path
                            + (trimmed.isEmpty() ? "" : "?" + trimmed));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static String user(URI uri) {
        String info = uri.getRawUserInfo();
        if (info == null) {
            return "";
        }
        String[] halves = info.split(":", 2);
        String user = "user=" + recoded(halves[0]);
        return halves.length == 1 ? user : user + "&password=" + recoded(halves[1]);
    }

    /// A `+` is itself before the `@`, and a space in a query.
    private static String recoded(String text) {
        String plain = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        return URLEncoder.encode(plain, StandardCharsets.UTF_8);
    }
}
