package mews.sandbox;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// By which proxies the outer world is reached, where this host itself sits behind one.
///
/// @param http for plain requests; null = none
/// @param https for tunnels; null = none
/// @param direct hosts that are reached without: a name, `.domain`, an address or `address/bits`
record Upstream(
        Upstream.@Nullable Proxy http, Upstream.@Nullable Proxy https, List<String> direct) {
    /// @param credentials value of `Proxy-Authorization`, empty = none
    record Proxy(Target target, String credentials) {
        @Override
        public String toString() {
            return target.toString();
        }
    }

    /// @param variables `HTTPS_PROXY` and its kin, in either case
    /// @throws IllegalArgumentException if one names a proxy of a kind that is not spoken here; the
    ///   message has no credentials in it
    static Upstream of(Map<String, String> variables) {
        String all = variable(variables, "ALL_PROXY");
        String http = variable(variables, "HTTP_PROXY");
        String https = variable(variables, "HTTPS_PROXY");
        return new Upstream(
                proxy("HTTP_PROXY", http.isEmpty() ? all : http),
                proxy("HTTPS_PROXY", https.isEmpty() ? all : https),
                Arrays.stream(variable(variables, "NO_PROXY").split("[\\s,]+"))
                        .filter(word -> !word.isEmpty())
                        .map(word -> word.toLowerCase(Locale.ROOT))
                        .toList());
    }

    Optional<Proxy> towards(Target target, boolean tunnel) {
        @Nullable Proxy proxy = tunnel ? https : http;
        return proxy == null || direct.stream().anyMatch(word -> matches(word, target))
                ? Optional.empty()
                : Optional.of(proxy);
    }

    private static boolean matches(String word, Target target) {
        if (word.equals("*") || word.equals(target.toString())) {
            return true;
        }
        String host = target.host();
        String bare = word.startsWith("*") ? word.substring(1) : word;
        if (bare.contains("/")) {
            return inside(bare, host);
        }
        String name = bare.startsWith(".") ? bare.substring(1) : bare;
        return host.equals(name) || host.endsWith("." + name);
    }

    private static boolean inside(String network, String host) {
        try {
            return Reachable.Block.parse(network)
                    .contains(Reachable.Block.parse(host.split("/")[0]).network());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static @Nullable Proxy proxy(String name, String url) {
        if (url.isEmpty()) {
            return null;
        }
        try {
            URI uri = URI.create(url.contains("://") ? url : "http://" + url);
            String authority = uri.getRawAuthority();
            if ("http".equalsIgnoreCase(uri.getScheme()) && authority != null) {
                int at = authority.lastIndexOf('@');
                String user = at < 0 ? "" : decoded(authority.substring(0, at));
                Optional<Target> target = Target.parse(authority.substring(at + 1), 80);
                if (target.isPresent()) {
                    return new Proxy(target.get(), user.isEmpty() ? "" : basic(user));
                }
            }
        } catch (IllegalArgumentException e) {
            // Its message would repeat the credentials.
        }
        throw new IllegalArgumentException(
                "%s of this server is not of the form http://[USER:PASSWORD@]HOST:PORT"
                        .formatted(name));
    }

    private static String basic(String user) {
        return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String variable(Map<String, String> variables, String name) {
        String small = variables.getOrDefault(name.toLowerCase(Locale.ROOT), "");
        return (small.isBlank() ? variables.getOrDefault(name, "") : small).strip();
    }
}
