package mews.place;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mews.model.MachineCatalog;
import mews.model.MachineType;

/// Where a new runner goes. Types are limits: processors overcommit, memory admits by what is
/// really free.
public final class Placement {
    private Placement() {}

    /// What a host has now.
    ///
    /// @param region the one it serves; empty serves any
    /// @param freeMemoryBytes measured, caches that can be dropped counted as free
    /// @param memoryMarginBytes kept free for the host itself
    /// @param freeGpus accelerators that no runner holds
    /// @param gpus accelerators there are
    public record Node(
            String region, long freeMemoryBytes, long memoryMarginBytes, int freeGpus, int gpus) {}

    /// Where it goes, or why it has to wait.
    public sealed interface Answer {
        record Placed(MachineType machine) implements Answer {}

        /// @param reason for people: what is missing, for each type that was tried
        record NoRoom(String reason) implements Answer {}
    }

    /// @param wanted machine types in order of preference
    /// @param regions allowed; empty = any
    /// @param gpus accelerators per runner that the app asks for, 0 = as the type says
    public static Answer choose(
            List<String> wanted,
            List<String> regions,
            int gpus,
            MachineCatalog catalog,
            Node node) {
        if (!regions.isEmpty() && !node.region().isEmpty() && !regions.contains(node.region())) {
            return new Answer.NoRoom(
                    "this host serves region %s, the app allows only %s"
                            .formatted(node.region(), String.join(", ", regions)));
        }
        List<String> refusals = new ArrayList<>();
        for (String name : wanted) {
            Optional<MachineType> type = catalog.find(name);
            if (type.isEmpty()) {
                refusals.add("%s is not offered here".formatted(name));
                continue;
            }
            Optional<String> refusal = refusal(type.get(), gpus, node);
            if (refusal.isEmpty()) {
                return new Answer.Placed(type.get());
            }
            refusals.add(refusal.get());
        }
        return new Answer.NoRoom(String.join("; ", refusals));
    }

    private static Optional<String> refusal(MachineType type, int gpus, Node node) {
        int devices = type.devices(gpus);
        if (devices > node.freeGpus()) {
            return Optional.of(
                    "%s needs %d GPUs; %d of the %d here are free"
                            .formatted(type.name(), devices, node.freeGpus(), node.gpus()));
        }
        if (node.freeMemoryBytes() < node.memoryMarginBytes()) {
            return Optional.of(
                    "%s has to wait for memory: %d MB are free, %d MB are kept for the host"
                            .formatted(
                                    type.name(),
                                    node.freeMemoryBytes() / 1_000_000,
                                    node.memoryMarginBytes() / 1_000_000));
        }
        return Optional.empty();
    }
}
