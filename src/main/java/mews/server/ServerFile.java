package mews.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import mews.base.Home;
import mews.base.Json;
import mews.model.Addresses;
import tools.jackson.core.JacksonException;

/// `server.json`: where a running server is found. Gone when it stopped; stale after a crash, so
/// readers check.
///
/// @param pid process of the server
/// @param api scheme and authority of gRPC and REST
/// @param started ISO 8601
record ServerFile(long pid, String api, String run, String queue, String ws, String started) {
    static ServerFile of(Addresses addresses, String started) {
        return new ServerFile(
                ProcessHandle.current().pid(),
                addresses.api(),
                addresses.run(),
                addresses.queue(),
                addresses.ws(),
                started);
    }

    static Optional<ServerFile> read(Home home) {
        try {
            return Optional.of(
                    Json.MAPPER.readValue(Files.readString(home.serverJson()), ServerFile.class));
        } catch (IOException | JacksonException e) {
            return Optional.empty();
        }
    }

    /// Replaces the file in one step: readers never see half of it.
    void write(Home home) throws IOException {
        Path draft = home.serverJson().resolveSibling(".server.json.tmp");
        Files.writeString(draft, Json.write(this));
        Files.move(
                draft,
                home.serverJson(),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    static void delete(Home home) throws IOException {
        Files.deleteIfExists(home.serverJson());
    }
}
