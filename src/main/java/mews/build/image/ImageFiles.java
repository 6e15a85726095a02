package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The files in which a builder keeps the images of an account.
interface ImageFiles {
    /// What the store knows of an image.
    ///
    /// @param digest of its manifest; of its configuration where it has none
    /// @param layers of its file system, uppermost first, relative to `overlay`
    /// @param configuration its OCI configuration
    record Stored(String id, String digest, List<String> layers, JsonNode configuration) {}

    /// The folder that the names of layers are relative to.
    Path overlay();

    /// @param id without `sha256:`
    /// @throws IOException if it is not there
    Stored image(String id) throws IOException;

    /// Ids of all images, those between the steps of a build among them.
    List<String> images() throws IOException;

    /// Bytes of each layer, by the name that `Stored` has for it.
    Map<String, Long> sizes() throws IOException;

    /// Whatever builders an account's folder has been used by: an operator may change them.
    static List<ImageFiles> all(Path store) {
        return List.of(new ContainersFiles(store), new DockerFiles(store));
    }

    /// The one that has a layer.
    ///
    /// @throws IOException if none has
    static ImageFiles having(Path store, String layer) throws IOException {
        for (ImageFiles files : all(store)) {
            if (Files.isDirectory(files.overlay().resolve(layer))) {
                return files;
            }
        }
        throw new IOException("layer %s is gone".formatted(layer));
    }
}
