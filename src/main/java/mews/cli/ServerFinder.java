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
import mews.model.Addresses;
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
        JsonNode told = told();
        URI here = told == null ? null : address(told.path("api").asString(""));
        if (named != null) {
            URI api = address(named);
            return Optional.of(api.equals(here) ? withAddresses(withKey(api), told) : withKey(api));
        }
        return here == null || !lives(here)
                ? Optional.empty()
                : Optional.of(withAddresses(withKey(here), told));
    }

    /// Whether a server was named, so that none should be started here.
    static boolean named(@Nullable String given) {
        return given != null || Env.get("MEWS_SERVER") != null;
    }

    /// What the server of this state folder wrote down, unless it is left over from one that is
    /// gone.
    private @Nullable JsonNode told() {
        try {
            JsonNode told = Json.MAPPER.readTree(Files.readString(home.serverJson()));
            long pid = told.path("pid").asLong(-1);
            return pid > 0 && ProcessHandle.of(pid).isEmpty() ? null : told;
        } catch (IOException | JacksonException none) {
            return null;
        }
    }

    private static ServerAddress withAddresses(ServerAddress server, @Nullable JsonNode told) {
        return told == null
                ? server
                : new ServerAddress(
                        server.api(),
                        new Addresses(
                                server.api().toString(),
                                told.path("run").asString(server.addresses().run()),
                                told.path("queue").asString(server.addresses().queue()),
                                told.path("ws").asString(server.addresses().ws())),
                        server.key(),
                        server.keySource(),
                        server.userId());
    }

    /// A process of that number may be another one by now, so the server is asked.
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
                return ServerAddress.of(api, checked(key.strip(), name), name);
            }
        }
        Path file = home.credentials();
        try {
            return ServerAddress.of(
                    api, checked(Files.readString(file).strip(), file.toString()), file.toString());
        } catch (IOException e) {
            return ServerAddress.of(
                    api,
                    null,
                    "no key: neither MEWS_KEY nor FAL_KEY is set, and %s cannot be read"
                            .formatted(file));
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
