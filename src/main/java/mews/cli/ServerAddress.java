package mews.cli;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// A server as a command sees it.
///
/// @param api scheme, host and port of gRPC and REST; the data plane is behind `/run` and `/queue`
/// @param key `id:secret`, or null to go without
/// @param keySource where the key came from, for messages about a refused one
/// @param userId the team's user id that calls are made for, or null for the key's own account
record ServerAddress(URI api, @Nullable String key, String keySource, @Nullable String userId) {
    ServerAddress forTeam(String teamUserId) {
        return new ServerAddress(api, key, keySource, teamUserId);
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
