package mews.build;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A URL in a requirement, taken apart leniently: people put passwords into it that no strict
/// parser accepts.
///
/// @param scheme such as `https` or `git+https`
/// @param user what stands before the host, without `@`; empty if nothing does
/// @param host with its port, as written
/// @param path for git also `@ref`
/// @param query without `?`, may be empty
/// @param fragment without `#`, may be empty
public record SourceUrl(
        String scheme, String user, String host, String path, String query, String fragment) {
    private static final Pattern SHAPE =
            Pattern.compile(
                    "(?<scheme>[a-z][a-z0-9+.-]*)://(?:(?<user>[^/]*)@)?(?<host>[^/?#@]*)(?<path>[^?#]*)(?:\\?(?<query>[^#]*))?(?:#(?<fragment>.*))?",
                    Pattern.CASE_INSENSITIVE);

    /// @return empty if the text is no URL with a host
    public static Optional<SourceUrl> parse(String text) {
        Matcher parts = SHAPE.matcher(text.strip());
        return parts.matches()
                ? Optional.of(
                        new SourceUrl(
                                parts.group("scheme"),
                                orEmpty(parts, "user"),
                                parts.group("host"),
                                parts.group("path"),
                                orEmpty(parts, "query"),
                                orEmpty(parts, "fragment")))
                : Optional.empty();
    }

    private static String orEmpty(Matcher parts, String name) {
        String part = parts.group(name);
        return part == null ? "" : part;
    }

    public boolean isGit() {
        return scheme.startsWith("git+");
    }

    boolean isWeb() {
        return scheme.equals("http") || scheme.equals("https");
    }

    /// Last part of the path.
    String fileName() {
        return decoded(path.substring(path.lastIndexOf('/') + 1));
    }

    /// `host:port`, with the scheme's own port where none is written.
    String hostAndPort() {
        if (host.matches(".*:\\d+")) {
            return host;
        }
        String plain = scheme.substring(scheme.indexOf('+') + 1);
        return switch (plain) {
            case "http" -> host + ":80";
            case "ssh" -> host + ":22";
            case "git" -> host + ":9418";
            default -> host + ":443";
        };
    }

    SourceUrl withUser(String other) {
        return new SourceUrl(scheme, other, host, path, query, fragment);
    }

    SourceUrl withQuery(String other) {
        return new SourceUrl(scheme, user, host, path, other, fragment);
    }

    public SourceUrl withFragment(String other) {
        return new SourceUrl(scheme, user, host, path, query, other);
    }

    /// A folder below it.
    SourceUrl below(String name) {
        return new SourceUrl(
                scheme, user, host, path.replaceAll("/+$", "") + "/" + name + "/", "", "");
    }

    /// What in it must not be seen: password, token and the values of the query, each as written
    /// and decoded.
    List<String> confidential() {
        List<String> found = new ArrayList<>();
        if (!user.isEmpty()) {
            int colon = user.indexOf(':');
            String last = user.substring(colon + 1);
            // Before a password stands a name, alone stands a token.
            found.addAll(List.of(user, last));
            if (last.equals("x-oauth-basic") || last.isEmpty()) {
                found.add(user.substring(0, Math.max(colon, 0)));
            }
        }
        for (String pair : query.split("&")) {
            found.add(pair.substring(pair.indexOf('=') + 1));
        }
        List<String> all = new ArrayList<>(found);
        found.forEach(part -> all.add(decoded(part)));
        return all.stream().filter(part -> !part.isEmpty()).distinct().toList();
    }

    public static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    @Override
    public String toString() {
        return scheme
                + "://"
                + (user.isEmpty() ? "" : user + "@")
                + host
                + path
                + (query.isEmpty() ? "" : "?" + query)
                + (fragment.isEmpty() ? "" : "#" + fragment);
    }
}
