package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Hashes;
import mews.base.Json;
import tools.jackson.databind.JsonNode;

/// Reads the store of a Docker daemon with the driver overlay2, whose layers are folders linked by
/// short names as those of containers/storage are.
final class DockerFiles implements ImageFiles {
    private final Path root;

    /// @param store the account's folder
    DockerFiles(Path store) {
        this.root = root(store);
    }

    /// The daemon's own folder in an account's.
    static Path root(Path store) {
        return store.resolve("docker");
    }

    @Override
    public Path overlay() {
        return root.resolve("overlay2");
    }

    @Override
    public Stored image(String id) throws IOException {
        Path file = configurations().resolve(id);
        if (!Files.exists(file)) {
            throw new IOException("image %s is not in the store".formatted(id));
        }
        JsonNode configuration = Json.MAPPER.readTree(Files.readString(file));
        return new Stored(id, digest(id), layers(configuration), configuration);
    }

    @Override
    public List<String> images() throws IOException {
        return names(configurations());
    }

    @Override
    public Map<String, Long> sizes() throws IOException {
        Map<String, Long> sizes = new HashMap<>();
        for (String folder : names(overlay())) {
            Path link = overlay().resolve(folder).resolve("link");
            if (Files.exists(link)) {
                long bytes = Folders.size(overlay().resolve(folder).resolve("diff"));
                sizes.put("l/" + Files.readString(link).strip(), bytes);
            }
        }
        return sizes;
    }

    /// Of the manifest that it was fetched by; an image built here has none.
    private String digest(String id) throws IOException {
        Path file = root.resolve("image/overlay2/repositories.json");
        if (Files.exists(file)) {
            for (JsonNode repository :
                    Json.MAPPER.readTree(Files.readString(file)).path("Repositories")) {
                for (Map.Entry<String, JsonNode> name : repository.properties()) {
                    int at = name.getKey().indexOf('@');
                    if (at >= 0 && name.getValue().asString("").equals("sha256:" + id)) {
                        return name.getKey().substring(at + 1);
                    }
                }
            }
        }
        return "sha256:" + id;
    }

    /// A layer's folder is found by the digest of it and all below it. protocol: OCI image
    /// configuration, "Layer ChainID"
    private List<String> layers(JsonNode configuration) throws IOException {
        List<String> layers = new ArrayList<>();
        String chain = "";
        for (JsonNode each : configuration.path("rootfs").path("diff_ids")) {
            String layer = each.asString("");
            chain = chain.isEmpty() ? layer : "sha256:" + Hashes.sha256Hex(chain + " " + layer);
            Path known =
                    root.resolve("image/overlay2/layerdb/sha256")
                            .resolve(chain.substring("sha256:".length()));
            Path folder = overlay().resolve(Files.readString(known.resolve("cache-id")).strip());
            layers.add("l/" + Files.readString(folder.resolve("link")).strip());
        }
        return layers.reversed();
    }

    private Path configurations() {
        return root.resolve("image/overlay2/imagedb/content/sha256");
    }

    private static List<String> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }
}
