package mews.server;

import mews.host.Machine;
import mews.model.MachineCatalog;
import mews.place.Placement;
import mews.reconcile.Hosting;

/// This machine as a node.
record Host(MachineCatalog catalog, String region, long memoryMarginBytes) implements Hosting {
    @Override
    public Placement.Node node() {
        return new Placement.Node(region, Machine.freeMemoryBytes(), memoryMarginBytes, 0);
    }
}
