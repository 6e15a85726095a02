package mews.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The machine types this server offers, by name. Types are limits: offering one reserves nothing.
///
/// @param gpus accelerators there are for runners of all types together
public record MachineCatalog(Map<String, MachineType> types, int gpus) {
    private static final long MB = 1_000_000L;

    public MachineCatalog {
        types = Map.copyOf(types);
    }

    /// Without accelerators.
    public MachineCatalog(Map<String, MachineType> types) {
        this(types, 0);
    }

    /// The documented CPU types. protocol: platform 15
    public static MachineCatalog standard() {
        Map<String, MachineType> types = new TreeMap<>();
        cpu(types, "XS", 500, 512 * MB);
        cpu(types, "S", 1000, 1000 * MB);
        cpu(types, "M", 2000, 2000 * MB);
        cpu(types, "L", 4000, 15_000 * MB);
        cpu(types, "XL", 8000, 30_000 * MB);
        return new MachineCatalog(types);
    }

    public Optional<MachineType> find(String name) {
        return Optional.ofNullable(types.get(name));
    }

    /// Names on offer, sorted.
    public List<String> names() {
        return types.keySet().stream().sorted().toList();
    }

    private static void cpu(
            Map<String, MachineType> types, String name, int milliCpus, long bytes) {
        types.put(name, new MachineType(name, MachineKind.CPU, milliCpus, bytes, 0));
    }
}
