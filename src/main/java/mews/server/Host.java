package mews.server;

import mews.fleet.GpuDesk;
import mews.host.Machine;
import mews.model.MachineCatalog;
import mews.place.Placement;
import mews.reconcile.Hosting;

/// This machine as a node.
record Host(MachineCatalog catalog, String region, long memoryMarginBytes, GpuDesk gpus)
        implements Hosting {
    @Override
    public Placement.Node node() {
        return new Placement.Node(
                region, Machine.freeMemoryBytes(), memoryMarginBytes, gpus.free(), gpus.all());
    }
}
