package mews.control;

import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Finds what a method and a path mean. Empty segments do not count, since clients append absolute
/// paths to prefixes. protocol: control 3.4
final class Router {
    /// Who may call a route.
    enum Access {
        /// Anyone.
        ANYONE,
        /// Whoever has a key.
        KEY,
        /// Whoever has an ADMIN key.
        ADMIN
    }

    interface Handler {
        void handle(Exchange exchange) throws IOException;
    }

    record Route(HttpMethod method, List<String> pattern, Access access, Handler handler) {}

    /// @param parts what `{name}` and, at the end, `{name...}` stood for
    record Match(Route route, Map<String, String> parts) {}

    private static final Pattern STRAY_PERCENT = Pattern.compile("%(?![0-9a-fA-F]{2})");

    private final List<Route> routes = new ArrayList<>();

    /// @param pattern such as `/runners/{id}`; `{path...}` takes one or more segments, and what
    ///   follows it is matched from the end
    Router on(String method, String pattern, Access access, Handler handler) {
        routes.add(new Route(HttpMethod.valueOf(method), split(pattern), access, handler));
        return this;
    }

    /// All of them, in the order they were added.
    List<Route> routes() {
        return List.copyOf(routes);
    }

    /// @return null if no route has this path; the first that was added wins
    /// @throws Refusal if routes have the path, but not with this method
    @Nullable Match find(HttpMethod method, String rawPath) {
        List<String> segments = split(rawPath).stream().map(Router::decode).toList();
        List<String> others = new ArrayList<>();
        for (Route route : routes) {
            Map<String, String> parts = match(route.pattern(), segments);
            if (parts == null) {
                continue;
            }
            boolean head = method.equals(HttpMethod.HEAD) && route.method().equals(HttpMethod.GET);
            if (route.method().equals(method) || head) {
                return new Match(route, parts);
            }
            others.add(route.method().name());
        }
        if (!others.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "%s is not possible here, only %s".formatted(method, others));
        }
        return null;
    }

    private static @Nullable Map<String, String> match(
            List<String> pattern, List<String> segments) {
        int rest = restIndex(pattern);
        int extra = segments.size() - pattern.size();
        if (extra < 0 || (rest < 0 && extra > 0)) {
            return null;
        }
        Map<String, String> parts = new LinkedHashMap<>();
        int at = 0;
        for (int i = 0; i < pattern.size(); i++) {
            String wanted = pattern.get(i);
            if (i == rest) {
                String path = String.join("/", segments.subList(at, at + extra + 1));
                parts.put(wanted.substring(1, wanted.length() - 4), path);
                at += extra + 1;
            } else if (wanted.startsWith("{")) {
                parts.put(wanted.substring(1, wanted.length() - 1), segments.get(at++));
            } else if (!wanted.equals(segments.get(at++))) {
                return null;
            }
        }
        return parts;
    }

    private static int restIndex(List<String> pattern) {
        for (int i = 0; i < pattern.size(); i++) {
            if (pattern.get(i).endsWith("...}")) {
                return i;
            }
        }
        return -1;
    }

    private static List<String> split(String path) {
        return Stream.of(path.split("/")).filter(segment -> !segment.isEmpty()).toList();
    }

    private static String decode(String segment) {
        // A plus is a plus in a path. fal's client sends the percent sign of a file's name as it
        // is.
        String whole = STRAY_PERCENT.matcher(segment.replace("+", "%2B")).replaceAll("%25");
        return URLDecoder.decode(whole, StandardCharsets.UTF_8);
    }
}
