package mews.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import mews.base.Env;
import mews.base.Home;
import mews.base.Json;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Finds the server to talk to: `--server`, `MEWS_SERVER`, else the one that lives in the state
/// folder.
final class ServerFinder {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Home home;

    ServerFinder(Home home) {
        this.home = home;
    }

    /// @param given the value of `--server`, or null
    /// @return empty if none was named and none runs here
    Optional<ServerAddress> find(@Nullable String given) {
        String named = given != null ? given : Env.get("MEWS_SERVER");
        if (named != null) {
            return Optional.of(withKey(address(named)));
        }
        return running().map(this::withKey);
    }

    /// Whether a server was named, so that none should be started here.
    static boolean named(@Nullable String given) {
        return given != null || Env.get("MEWS_SERVER") != null;
    }

    /// Its `server.json` may be left over from a crash, so it is asked whether it lives.
    private Optional<URI> running() {
        try {
            JsonNode told = Json.MAPPER.readTree(Files.readString(home.serverJson()));
            long pid = told.path("pid").asLong(-1);
            if (pid > 0 && ProcessHandle.of(pid).isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(address(told.path("api").asString(""))).filter(ServerFinder::lives);
        } catch (IOException | JacksonException | Failure none) {
            return Optional.empty();
        }
    }

    private static boolean lives(URI api) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) api.resolve("/health").toURL().openConnection();
            connection.setConnectTimeout((int) PATIENCE.toMillis());
            connection.setReadTimeout((int) PATIENCE.toMillis());
            connection.getResponseCode();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static URI address(String text) {
        String url = text.contains("://") ? text : "http://" + text;
        try {
            URI address = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
            if (address.getHost() != null
                    && ("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
                    && address.getPath().isEmpty()) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // Told below, like every other text that is no address.
        }
        throw Failure.badInput(
                "'%s' is no server address; write it as http://127.0.0.1:8787", text);
    }

    private ServerAddress withKey(URI api) {
        for (String name : new String[] {"MEWS_KEY", "FAL_KEY"}) {
            String key = Env.get(name);
            if (key != null) {
                return new ServerAddress(api, checked(key.strip(), name), name, null);
            }
        }
        Path file = home.credentials();
        try {
            return new ServerAddress(
                    api,
                    checked(Files.readString(file).strip(), file.toString()),
                    file.toString(),
                    null);
        } catch (IOException e) {
            return new ServerAddress(
                    api,
                    null,
                    "no key: neither MEWS_KEY nor FAL_KEY is set, and %s cannot be read"
                            .formatted(file),
                    null);
        }
    }

    private static String checked(String key, String source) {
        int colon = key.indexOf(':');
        if (colon < 1 || colon == key.length() - 1 || key.contains("\n")) {
            throw Failure.badInput("the key from %s is not of the form id:secret", source);
        }
        return key;
    }
}
