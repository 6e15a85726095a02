package mews.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// One accelerator of this machine and what a process needs in order to use it.
///
/// @param name as the specification says it, with its kind: `nvidia.com/gpu=GPU-…`
/// @param nodes device files
/// @param files libraries, programs and sockets of the driver
/// @param variables of the environment
public record Gpu(
        String name, List<Placed> nodes, List<Placed> files, Map<String, String> variables) {
    /// @param host where it is here
    /// @param inside where the process expects it
    public record Placed(Path host, Path inside) {}

    public Gpu {
        nodes = List.copyOf(nodes);
        files = List.copyOf(files);
        variables = Map.copyOf(variables);
    }
}
