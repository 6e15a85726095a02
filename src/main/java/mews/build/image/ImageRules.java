package mews.build.image;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;

/// What the operator said about images, in `mews.toml`.
///
/// @param defaultImage of container apps that name none; empty: they are refused
/// @param mirror asked before docker.io; empty: none
/// @param builder the one program to build with, one of `ImageTools.PROGRAMS`; empty: what works
/// @param insecure registries, besides those on this host, that are spoken to without TLS
public record ImageRules(
        String defaultImage, String mirror, String builder, List<String> insecure) {
    public static final ImageRules STANDARD = new ImageRules("", "", "", List.of());

    public ImageRules {
        insecure = List.copyOf(insecure);
    }

    /// Whether plain http will do.
    boolean plain(String registry) {
        return insecure.contains(registry) || loopback(registry.replaceFirst(":\\d+$", ""));
    }

    private static boolean loopback(String host) {
        if (host.equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// The same for a Docker daemon. protocol: dockerd's daemon.json
    String daemon(List<String> registries) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("insecure-registries", registries.stream().filter(this::plain).toList());
        if (!mirror.isEmpty()) {
            String scheme = plain(mirror.replaceFirst("/.*", "")) ? "http" : "https";
            settings.put("registry-mirrors", List.of(scheme + "://" + mirror));
        }
        // Layers are read where the older kind of store keeps them.
        settings.put("features", Map.of("containerd-snapshotter", false));
        return Json.MAPPER.writeValueAsString(settings);
    }

    /// What the builder reads about the registries of a build. protocol:
    /// containers-registries.conf(5)
    String file(List<String> registries) {
        StringBuilder text =
                new StringBuilder(
                        "unqualified-search-registries = [\"docker.io\"]\nshort-name-mode = \"disabled\"\n");
        if (!mirror.isEmpty()) {
            text.append(
                    "[[registry]]\nlocation = \"docker.io\"\n[[registry.mirror]]\nlocation = \"%s\"\n"
                            .formatted(mirror));
            text.append("insecure = %s\n".formatted(plain(mirror.replaceFirst("/.*", ""))));
        }
        registries.stream()
                .distinct()
                .filter(this::plain)
                .forEach(registry ->
                        text.append(
                                "[[registry]]\nlocation = \"%s\"\ninsecure = true\n"
                                        .formatted(registry)));
        return text.toString();
    }
}
