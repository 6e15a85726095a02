package mews.reconcile;

import mews.model.MachineCatalog;
import mews.place.Placement;

/// What this server can put runners on.
public interface Hosting {
    MachineCatalog catalog();

    /// Measured now.
    Placement.Node node();
}
