package mews.build;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.sandbox.SandboxSpec.Reach;

/// What a build may reach besides the internet: the servers that its layer or the host's own
/// configuration names, wherever they are.
public final class BuildReach {
    /// Scheme, host and port, whatever stands before: `git+`, `name @`, a flag.
    private static final Pattern URL =
            Pattern.compile(
                    "(https?)://(?:[^\\s/?#]*@)?(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(?::(\\d{1,5}))?(?=[/?#\\s,;]|$)");

    private BuildReach() {}

    /// @param layer with its secrets filled in: a secret may hold a host
    /// @param host what uv is told of this host's configuration; names proxies too
    /// @param refused told what else the build tried
    /// @param python of the build
    public static Reach of(
            RequirementLayer layer,
            Map<String, String> host,
            Consumer<String> refused,
            Path python) {
        Set<String> named = new TreeSet<>();
        layer.packages().forEach(entry -> named.addAll(targets(entry)));
        layer.options().forEach(option -> named.addAll(targets(option)));
        host.forEach((name, value) -> {
            // A proxy is a way and not a place to go.
            if (name.startsWith("UV_")) {
                named.addAll(targets(value));
            }
        });
        return new Reach(named, host, refused, python);
    }

    static Set<String> targets(String text) {
        Set<String> targets = new HashSet<>();
        Matcher url = URL.matcher(text);
        while (url.find()) {
            String usual = url.group(1).equals("https") ? "443" : "80";
            String port = url.group(3);
            targets.add(url.group(2) + ":" + (port == null ? usual : port));
        }
        return targets;
    }
}
