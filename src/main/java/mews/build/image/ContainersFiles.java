package mews.build.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import tools.jackson.databind.JsonNode;

/// Reads a store of images as containers/storage keeps it, the library that buildah and podman
/// share. Reading its few files is faster than starting either, and mounting needs them anyway.
final class ContainersFiles implements ImageFiles {
    private final Path root;

    /// @param store the account's folder
    ContainersFiles(Path store) {
        this.root = store.resolve("root");
    }

    @Override
    public Path overlay() {
        return root.resolve("overlay");
    }

    @Override
    public Stored image(String id) throws IOException {
        for (JsonNode image : read("overlay-images/images.json")) {
            if (image.path("id").asString().equals(id)) {
                String name =
                        "="
                                + Base64.getEncoder()
                                        .encodeToString(
                                                ("sha256:" + id).getBytes(StandardCharsets.UTF_8));
                JsonNode configuration = read("overlay-images/" + id + "/" + name);
                return new Stored(
                        id,
                        image.path("digest").asString(""),
                        layers(image.path("layer").asString("")),
                        configuration);
            }
        }
        throw new IOException("image %s is not in the store".formatted(id));
    }

    @Override
    public List<String> images() throws IOException {
        List<String> ids = new ArrayList<>();
        if (Files.exists(root.resolve("overlay-images/images.json"))) {
            read("overlay-images/images.json")
                    .forEach(image -> ids.add(image.path("id").asString()));
        }
        return ids;
    }

    @Override
    public Map<String, Long> sizes() throws IOException {
        Map<String, Long> sizes = new HashMap<>();
        if (Files.exists(root.resolve("overlay-layers/layers.json"))) {
            for (JsonNode layer : read("overlay-layers/layers.json")) {
                Path link = overlay().resolve(layer.path("id").asString()).resolve("link");
                if (Files.exists(link)) {
                    sizes.put(
                            "l/" + Files.readString(link).strip(),
                            layer.path("diff-size").asLong(0));
                }
            }
        }
        return sizes;
    }

    /// Short names, so that even an image of many layers fits into one mount.
    private List<String> layers(String top) throws IOException {
        Map<String, String> parents = new HashMap<>();
        for (JsonNode layer : read("overlay-layers/layers.json")) {
            parents.put(layer.path("id").asString(), layer.path("parent").asString(""));
        }
        List<String> layers = new ArrayList<>();
        String layer = top;
        while (!layer.isEmpty()) {
            layers.add("l/" + Files.readString(overlay().resolve(layer).resolve("link")).strip());
            layer = parents.getOrDefault(layer, "");
        }
        return layers;
    }

    private JsonNode read(String file) throws IOException {
        return Json.MAPPER.readTree(Files.readString(root.resolve(file)));
    }
}
