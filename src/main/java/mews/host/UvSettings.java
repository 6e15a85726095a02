package mews.host;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How uv is to be called so that it sees the world as pip does: pip's configured indexes, links,
/// certificates and proxies, and pip's rule that the best version over all indexes wins. uv reads
/// none of pip's configuration by itself. May hold credentials: never log it.
///
/// @param environment variables for uv
/// @param arguments what has no variable, for `uv pip install` and `uv pip compile`
/// @param files local files and folders that the settings name, to be visible in a sandbox
public record UvSettings(
        Map<String, String> environment, List<String> arguments, List<Path> files) {
    private static final List<String> PASSED =
            List.of(
                    "HTTP_PROXY",
                    "HTTPS_PROXY",
                    "ALL_PROXY",
                    "NO_PROXY",
                    "http_proxy",
                    "https_proxy",
                    "all_proxy",
                    "no_proxy",
                    "SSL_CERT_FILE",
                    "SSL_CERT_DIR",
                    "UV_DEFAULT_INDEX",
                    "UV_INDEX",
                    "UV_INDEX_URL",
                    "UV_EXTRA_INDEX_URL",
                    "UV_FIND_LINKS",
                    "UV_INSECURE_HOST",
                    "UV_SYSTEM_CERTS",
                    "UV_HTTP_TIMEOUT");

    private static final Set<String> PLACES =
            Set.of(
                    "UV_DEFAULT_INDEX",
                    "UV_INDEX",
                    "UV_INDEX_URL",
                    "UV_EXTRA_INDEX_URL",
                    "UV_FIND_LINKS");

    public UvSettings {
        environment = Map.copyOf(environment);
        arguments = List.copyOf(arguments);
        files = List.copyOf(files);
    }

    /// @param shell variables of this process
    /// @param pip what `pip config list` says: option name without its section, such as
    ///   `extra-index-url`, to its value
    public static UvSettings of(Map<String, String> shell, Map<String, String> pip) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String name : PASSED) {
            String value = shell.getOrDefault(name, "");
            if (!value.isBlank()) {
                environment.put(name, value);
            }
        }
        environment.put("UV_INDEX_STRATEGY", "unsafe-best-match");
        put(environment, "UV_DEFAULT_INDEX", pip.get("index-url"), "UV_INDEX_URL");
        put(environment, "UV_INDEX", words(pip, "extra-index-url", " "), "UV_EXTRA_INDEX_URL");
        put(environment, "UV_FIND_LINKS", links(pip), "");
        put(environment, "UV_INSECURE_HOST", words(pip, "trusted-host", " "), "");
        put(environment, "HTTPS_PROXY", pip.get("proxy"), "https_proxy");
        put(environment, "HTTP_PROXY", pip.get("proxy"), "http_proxy");
        put(environment, "SSL_CERT_FILE", pip.get("cert"), "");
        @Nullable String timeout = pip.getOrDefault("timeout", pip.get("default-timeout"));
        put(environment, "UV_HTTP_TIMEOUT", timeout, "");
        // Without this uv trusts only the roots it was compiled with, not the ones of this host.
        put(environment, "UV_SYSTEM_CERTS", "true", "SSL_CERT_FILE");
        List<String> arguments = truth(pip.get("no-index")) ? List.of("--no-index") : List.of();
        return new UvSettings(environment, arguments, files(environment));
    }

    /// Where packages come from, as lines of a requirements file: out of the variables, which a
    /// process list may show, and where a layer's own `--index-url` can take its place.
    public List<String> lines() {
        List<String> lines = new ArrayList<>(arguments);
        each("UV_INDEX_URL", "\\s+").limit(1).forEach(url -> lines.add("--index-url " + url));
        each("UV_DEFAULT_INDEX", "\\s+").limit(1).forEach(url -> lines.add("--index-url " + url));
        each("UV_INDEX", "\\s+").forEach(url -> lines.add("--extra-index-url " + url));
        each("UV_EXTRA_INDEX_URL", "\\s+").forEach(url -> lines.add("--extra-index-url " + url));
        each("UV_FIND_LINKS", "[,\\s]+").forEach(url -> lines.add("--find-links " + url));
        return lines;
    }

    /// The variables without what `lines` says.
    public Map<String, String> withoutPlaces() {
        Map<String, String> rest = new LinkedHashMap<>(environment);
        rest.keySet().removeAll(PLACES);
        return rest;
    }

    /// Entries of a list variable; uv lets an index have a name before it.
    private Stream<String> each(String variable, String separator) {
        return Stream.of(environment.getOrDefault(variable, "").split(separator))
                .filter(word -> !word.isBlank())
                .map(word -> word.replaceFirst("^[A-Za-z0-9_-]+=(?=[a-z]+://)", ""));
    }

    /// Hosts that uv will talk to besides the public index: indexes, links and proxies.
    public List<String> hosts() {
        return Stream.of(
                        "UV_DEFAULT_INDEX",
                        "UV_INDEX_URL",
                        "UV_INDEX",
                        "UV_EXTRA_INDEX_URL",
                        "UV_FIND_LINKS",
                        "HTTP_PROXY",
                        "HTTPS_PROXY",
                        "ALL_PROXY",
                        "http_proxy",
                        "https_proxy",
                        "all_proxy")
                .flatMap(name -> Stream.of(environment.getOrDefault(name, "").split("[\\s,]+")))
                .map(UvSettings::host)
                .filter(host -> !host.isEmpty())
                .distinct()
                .toList();
    }

    /// Parses lines such as `global.index-url='https://…'`; the environment beats a command's
    /// section, which beats the global one.
    static Map<String, String> parse(String pipConfigList) {
        Map<String, String> global = new TreeMap<>();
        Map<String, String> install = new TreeMap<>();
        Map<String, String> shell = new TreeMap<>();
        for (String line : pipConfigList.lines().toList()) {
            int equals = line.indexOf('=');
            int dot = line.startsWith(":env:.") ? 5 : line.indexOf('.');
            if (equals < 0 || dot < 0 || dot > equals) {
                continue;
            }
            String section = line.substring(0, dot);
            String name = line.substring(dot + 1, equals).replace('_', '-');
            String value = unquoted(line.substring(equals + 1).strip());
            switch (section) {
                case "global" -> global.put(name, value);
                case "install" -> install.put(name, value);
                case ":env:" -> shell.put(name, value);
                default -> {
                    // Sections of other commands say nothing about installing.
                }
            }
        }
        global.putAll(install);
        global.putAll(shell);
        return global;
    }

    /// A Python string literal as pip prints it.
    private static String unquoted(String literal) {
        if (literal.length() < 2 || "'\"".indexOf(literal.charAt(0)) < 0) {
            return literal;
        }
        return literal.substring(1, literal.length() - 1)
                .replace("\\n", "\n")
                .replace("\\'", "'")
                .replace("\\\\", "\\");
    }

    private static void put(
            Map<String, String> environment,
            String name,
            @Nullable String value,
            String unlessThere) {
        boolean taken = environment.containsKey(name) || environment.containsKey(unlessThere);
        if (value != null && !value.isBlank() && !taken) {
            environment.put(name, value.strip());
        }
    }

    private static @Nullable String words(Map<String, String> pip, String name, String separator) {
        @Nullable String value = pip.get(name);
        return value == null ? null : String.join(separator, value.strip().split("\\s+"));
    }

    /// pip passes over a folder that is not there, uv refuses it.
    private static @Nullable String links(Map<String, String> pip) {
        @Nullable String value = pip.get("find-links");
        return value == null
                ? null
                : Stream.of(value.strip().split("\\s+"))
                        .filter(link -> local(link) == null || Files.exists(Path.of(link)))
                        .collect(Collectors.joining(","));
    }

    private static List<Path> files(Map<String, String> environment) {
        List<Path> files = new ArrayList<>();
        for (String name : List.of("SSL_CERT_FILE", "SSL_CERT_DIR", "UV_FIND_LINKS")) {
            for (String word : environment.getOrDefault(name, "").split("[,:\\s]+")) {
                @Nullable Path path = local(word);
                if (path != null && Files.exists(path)) {
                    files.add(path);
                }
            }
        }
        return files;
    }

    private static @Nullable Path local(String word) {
        String path = word.startsWith("file://") ? word.substring(7) : word;
        return path.startsWith("/") ? Path.of(path) : null;
    }

    private static String host(String word) {
        String url = word.contains("=http") ? word.substring(word.indexOf('=') + 1) : word;
        if (!url.contains("://")) {
            return "";
        }
        try {
            @Nullable String host = URI.create(url).getHost();
            return host == null ? "" : host;
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static boolean truth(@Nullable String value) {
        return value != null
                && List.of("1", "true", "yes", "on")
                        .contains(value.toLowerCase(java.util.Locale.ROOT));
    }
}
