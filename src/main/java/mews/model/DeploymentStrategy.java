package mews.model;

/// How a new revision takes over. protocol: platform 7
public enum DeploymentStrategy {
    /// Traffic moves at once; the old runners are stopped.
    RECREATE,
    /// One runner of the new revision becomes ready first, then the alias moves, then the old ones
    /// drain.
    ROLLING
}
