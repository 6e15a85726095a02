package mews.sandbox;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The first lines of what a program says to its proxy.
///
/// @param tunnel whether it asks for a tunnel, whatever goes through it
/// @param origin method, path and version, as the target itself wants them
/// @param absolute the same as another proxy wants them
/// @param headers for the target, without those between a program and its proxy
/// @param body how many bytes follow; -1 = as long as they come
record RequestHead(
        boolean tunnel,
        Target target,
        String origin,
        String absolute,
        List<String> headers,
        long body) {
    private static final Set<String> BETWEEN =
            Set.of("connection", "keep-alive", "proxy-authorization", "proxy-connection", "host");

    /// @param text lines up to the empty one
    /// @return empty if it is nothing that a proxy can serve
    static Optional<RequestHead> parse(String text) {
        List<String> lines = text.lines().toList();
        String[] words = lines.isEmpty() ? new String[0] : lines.getFirst().split(" ", -1);
        if (words.length != 3 || !words[2].startsWith("HTTP/1.") || !words[0].matches("[A-Z-]+")) {
            return Optional.empty();
        }
        List<String> rest = lines.subList(1, lines.size());
        return words[0].equals("CONNECT")
                ? Target.parse(words[1], 0)
                        .map(target -> new RequestHead(true, target, "", "", List.of(), -1))
                : request(words, rest);
    }

    /// As one request on a connection of its own: the next one may be for somebody else.
    String forTarget() {
        return text(origin);
    }

    String forProxy() {
        return text(absolute);
    }

    private String text(String first) {
        return first + "\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    }

    private static Optional<RequestHead> request(String[] words, List<String> lines) {
        try {
            URI uri = new URI(words[1]);
            String authority = uri.getRawAuthority();
            if (!"http".equalsIgnoreCase(uri.getScheme()) || authority == null) {
                return Optional.empty();
            }
            String host = authority.substring(authority.lastIndexOf('@') + 1);
            String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
            String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
            String end = path + query + " HTTP/1.1";
            return Target.parse(host, 80)
                    .map(target ->
                            new RequestHead(
                                    false,
                                    target,
                                    words[0] + " " + end,
                                    words[0] + " http://" + host + end,
                                    headers(host, lines),
                                    body(lines)));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static List<String> headers(String host, List<String> lines) {
        List<String> headers = new ArrayList<>(List.of("Host: " + host));
        lines.stream().filter(line -> !BETWEEN.contains(name(line))).forEach(headers::add);
        headers.add("Connection: close");
        return headers;
    }

    private static long body(List<String> lines) {
        long length = 0;
        for (String line : lines) {
            String value = line.substring(line.indexOf(':') + 1).strip();
            if (name(line).equals("transfer-encoding")) {
                return -1;
            }
            if (name(line).equals("content-length") && value.matches("\\d{1,18}")) {
                length = Long.parseLong(value);
            }
        }
        return length;
    }

    private static String name(String line) {
        int colon = line.indexOf(':');
        return (colon < 0 ? line : line.substring(0, colon)).strip().toLowerCase(Locale.ROOT);
    }
}
