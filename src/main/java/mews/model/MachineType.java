package mews.model;

/// What a runner may use at most. Limits, not reservations. protocol: platform 15
///
/// @param name as apps spell it, such as `S` or `GPU-H100`
/// @param kind decides which builds of a package an environment gets
/// @param milliCpus thousandths of a core
/// @param memoryBytes most memory, page cache not counted
/// @param gpus accelerators handed to one runner, 0 for CPU types
public record MachineType(
        String name, MachineKind kind, int milliCpus, long memoryBytes, int gpus) {
    /// Accelerators that one runner gets; a CPU type gives none, whatever is asked for.
    ///
    /// @param asked by the app, 0 = as the type says
    public int devices(int asked) {
        return gpus == 0 ? 0 : Math.max(asked, gpus);
    }
}
