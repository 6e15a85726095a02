package mews.cli;

import java.net.URI;
import java.util.stream.Stream;
import mews.model.Addresses;
import org.jspecify.annotations.Nullable;

/// A server as a command sees it.
///
/// @param api scheme, host and port of gRPC and REST; the data plane is behind `/run` and `/queue`
/// @param addresses of all families, as far as they are known
/// @param key `id:secret`, or null to go without
/// @param keySource where the key came from, for messages about a refused one
/// @param userId the team's user id that calls are made for, or null for the key's own account
record ServerAddress(
        URI api,
        Addresses addresses,
        @Nullable String key,
        String keySource,
        @Nullable String userId) {
    /// A server of which only the one address is known.
    static ServerAddress of(URI api, @Nullable String key, String keySource) {
        String url = api.toString();
        Addresses same = new Addresses(url, url, url, url.replaceFirst("^http", "ws"));
        return new ServerAddress(api, same, key, keySource, null);
    }

    ServerAddress forTeam(String teamUserId) {
        return new ServerAddress(api, addresses, key, keySource, teamUserId);
    }

    /// Whether a URL leads to this server, so that it may get the key.
    boolean owns(String url) {
        return Stream.of(api.toString(), addresses.run(), addresses.queue())
                .anyMatch(own -> url.startsWith(own + "/"));
    }

    String keyId() {
        return key == null ? "" : key.substring(0, key.indexOf(':'));
    }

    String keySecret() {
        return key == null ? "" : key.substring(key.indexOf(':') + 1);
    }

    boolean plaintext() {
        return "http".equals(api.getScheme());
    }

    int port() {
        return api.getPort() != -1 ? api.getPort() : plaintext() ? 80 : 443;
    }

    /// The key stays out of whatever prints this.
    @Override
    public String toString() {
        return api.toString();
    }
}
