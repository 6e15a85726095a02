package mews.build.image;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;

/// Users and passwords of registries, as a build was handed them. Never logged.
final class RegistryLogins {
    private record Login(String user, String password) {}

    private final Map<String, Login> logins = new LinkedHashMap<>();

    /// @param key as people write it: a host, or a URL such as `https://index.docker.io/v1/`
    void add(String key, String user, String password) {
        logins.put(registry(key), new Login(user, password));
    }

    boolean has(String registry) {
        return logins.containsKey(registry);
    }

    /// The content of an authentication file. protocol: containers-auth.json(5)
    String file() {
        Map<String, Object> auths = new LinkedHashMap<>();
        logins.forEach((registry, login) -> {
            String pair = encoded(login);
            auths.put(registry, Map.of("auth", pair));
            if (registry.equals(ImageName.DOCKER)) {
                auths.put("https://index.docker.io/v1/", Map.of("auth", pair));
            }
        });
        return Json.MAPPER.writeValueAsString(Map.of("auths", auths));
    }

    /// What must not be read in anything a build says.
    Collection<String> secrets() {
        List<String> secrets = new ArrayList<>();
        logins.values()
                .forEach(login -> {
                    secrets.add(login.password());
                    secrets.add(encoded(login));
                });
        return secrets;
    }

    /// docker.io goes by several names.
    static String registry(String key) {
        String host = key.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
        return switch (host) {
            case "index.docker.io",
                    "registry-1.docker.io",
                    "registry.hub.docker.com",
                    "docker.com" ->
                    ImageName.DOCKER;
            default -> host;
        };
    }

    private static String encoded(Login login) {
        String pair = login.user() + ":" + login.password();
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }
}
