package mews.testing;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;

/// An image of one layer, as a registry keeps it.
///
/// @param layer gzipped tar
/// @param digest of the gzipped layer
/// @param diffId digest of the plain tar
/// @param sizeBytes of the gzipped layer
/// @param architecture as OCI names it
/// @param config the part of its configuration that says how it is run, such as `Env`, `User`
public record TestImage(
        Path layer,
        String digest,
        String diffId,
        long sizeBytes,
        String architecture,
        Map<String, Object> config) {
    public TestImage {
        config = Map.copyOf(config);
    }

    public TestImage with(String key, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(config);
        changed.put(key, value);
        return new TestImage(layer, digest, diffId, sizeBytes, architecture, changed);
    }

    /// The same content, labelled for another machine.
    public TestImage of(String other) {
        return new TestImage(layer, digest, diffId, sizeBytes, other, config);
    }

    byte[] configuration() {
        return Json.MAPPER.writeValueAsBytes(
                Map.of(
                        "architecture",
                        architecture,
                        "os",
                        "linux",
                        "config",
                        config,
                        // Builders count layers by it, and tell one base from another.
                        "history",
                        List.of(Map.of("created_by", "tests " + config)),
                        "rootfs",
                        Map.of("type", "layers", "diff_ids", new String[] {diffId})));
    }
}
