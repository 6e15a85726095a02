package mews.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mews.host.Gpu;
import mews.sandbox.SandboxSpec;
import mews.sandbox.SandboxSpec.Bind;

/// Lets a process use the accelerators that its runner holds.
final class GpuAccess {
    /// Seen by every process that runs on this host's own system.
    private static final List<String> SYSTEM =
            List.of("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32");

    private static final String LIBRARIES = "LD_LIBRARY_PATH";

    private GpuAccess() {}

    /// @throws IOException if something of the driver is not where its specification says
    static SandboxSpec into(SandboxSpec spec, List<Gpu> gpus) throws IOException {
        if (gpus.isEmpty()) {
            return spec;
        }
        Set<Bind> binds = new LinkedHashSet<>(spec.binds());
        for (Gpu gpu : gpus) {
            for (Gpu.Placed node : gpu.nodes()) {
                binds.add(Bind.device(there(gpu, node), node.inside().toString()));
            }
            for (Gpu.Placed file : gpu.files()) {
                if (spec.root() != null || !ofSystem(file)) {
                    binds.add(new Bind(there(gpu, file), file.inside().toString(), false));
                }
            }
        }
        return spec.with(spec.command(), variables(spec, gpus), List.copyOf(binds));
    }

    /// What such a process finds in its environment, and so does a command that joins it.
    static Map<String, String> variables(SandboxSpec spec, List<Gpu> gpus) {
        Map<String, String> environment = new HashMap<>(spec.environment());
        Set<String> libraries = new LinkedHashSet<>();
        for (Gpu gpu : gpus) {
            environment.putAll(gpu.variables());
            for (Gpu.Placed file : gpu.files()) {
                if (spec.root() != null && file.inside().toString().contains(".so")) {
                    libraries.add(String.valueOf(file.inside().getParent()));
                }
            }
        }
        if (!libraries.isEmpty()) {
            // An image's loader knows nothing of what was put beside its own libraries.
            String own = environment.getOrDefault(LIBRARIES, "");
            environment.put(
                    LIBRARIES, String.join(":", libraries) + (own.isEmpty() ? "" : ":" + own));
        }
        return environment;
    }

    private static boolean ofSystem(Gpu.Placed file) {
        return file.host().equals(file.inside())
                && SYSTEM.stream().anyMatch(file.inside()::startsWith);
    }

    private static Path there(Gpu gpu, Gpu.Placed file) throws IOException {
        if (!Files.exists(file.host())) {
            throw new IOException(
                    "%s of the GPU '%s' is not on this host; write its CDI specification anew"
                            .formatted(file.host(), gpu.name()));
        }
        return file.host();
    }
}
