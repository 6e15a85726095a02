package mews.build;

import java.io.IOException;
import java.util.Optional;
import mews.sandbox.NetworkLease;

/// Where a build gets a network namespace for its steps.
public interface ImageNetwork {
    /// @return empty where this host has none to give
    Optional<NetworkLease> lease() throws IOException;
}
