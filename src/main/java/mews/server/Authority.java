package mews.server;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import mews.model.Family;

/// A `host:port` as callers write it, and the family of calls it serves.
///
/// @param secure whether callers reach it by https, through something that ends TLS before us
/// @param host name or address literal; of an IPv6 literal without brackets
public record Authority(boolean secure, String host, int port, Family family) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    /// @param text `host:port`, or with `http://` or `https://` before it and then the port
    ///   optional
    /// @return empty if it is no such thing
    static Optional<Authority> parse(String text, Family family) {
        boolean bare = !text.contains("://");
        try {
            URI uri = new URI(bare ? "http://" + text : text);
            boolean secure = "https".equals(uri.getScheme());
            String host = uri.getHost();
            boolean fits =
                    host != null
                            && (secure || "http".equals(uri.getScheme()))
                            && uri.getRawPath().isEmpty()
                            && uri.getRawQuery() == null
                            && uri.getRawFragment() == null
                            && uri.getUserInfo() == null
                            && uri.getPort() <= 65_535
                            && (uri.getPort() >= 0 || !bare);
            if (host == null || !fits) {
                return Optional.empty();
            }
            int port = uri.getPort() >= 0 ? uri.getPort() : secure ? HTTPS : HTTP;
            return Optional.of(new Authority(secure, unbracketed(host), port, family));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /// Whether it names an address of a machine, which can be listened on, and not a name that
    /// leads here through something else.
    public boolean isLiteral() {
        return isLiteral(host);
    }

    public Authority withPort(int other) {
        return new Authority(secure, host, other, family);
    }

    /// As in a `Host` header; the port that goes without saying is left out.
    public String text() {
        String shown = host.contains(":") ? "[" + host + "]" : host;
        return port == (secure ? HTTPS : HTTP) ? shown : shown + ":" + port;
    }

    /// @param plain scheme without TLS, such as `http` or `ws`; with TLS it gets an `s`
    public String url(String plain) {
        return plain + (secure ? "s" : "") + "://" + text();
    }

    static boolean isLiteral(String host) {
        try {
            return InetAddress.ofLiteral(host) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
