package mews.fleet;

import java.time.Duration;
import mews.model.MachineType;
import mews.model.Revision;
import org.jspecify.annotations.Nullable;

/// What to start.
///
/// @param revision whose callable and image
/// @param generation of the alias
/// @param machine the type it was placed on
/// @param slots requests at once; 0 for a job
/// @param startup longest until ready
/// @param job set for a function whose result is wanted: the runner ends when it returned
public record RunnerOrder(
        Revision revision,
        int generation,
        MachineType machine,
        int slots,
        Duration startup,
        @Nullable JobListener job) {
    /// How many accelerators its process gets.
    int gpus() {
        return machine.devices(revision.spec().numGpus());
    }
}
