package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Layers of an account's store, as an overlay takes them.
///
/// @param overlay folder that the names of `lower` are relative to
/// @param lower uppermost first, two or more
record LayerStack(Path overlay, List<String> lower) {
    /// @param store the account's folder
    /// @param layers as a store names them
    /// @throws IOException if one is gone
    static LayerStack of(Path store, List<String> layers) throws IOException {
        Path overlay = ImageFiles.having(store, layers.getFirst()).overlay();
        List<String> lower = new ArrayList<>(layers);
        if (lower.size() < 2) {
            // overlayfs stacks at least two.
            lower.add(Files.createDirectories(store.resolve("empty")).toString());
        }
        for (String layer : lower) {
            if (!Files.isDirectory(overlay.resolve(layer))) {
                throw new IOException("layer %s of %s is gone".formatted(layer, store));
            }
        }
        return new LayerStack(overlay, lower);
    }
}
