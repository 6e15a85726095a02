package mews.model;

/// The families of addresses; the same path means different things in each. protocol: data 1
public enum Family {
    /// gRPC, REST, and sync calls of whatever is not reserved.
    CONTROL,
    RUN,
    QUEUE,
    WS
}
