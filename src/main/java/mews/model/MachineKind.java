package mews.model;

/// The kinds of machine an environment is built for.
public enum MachineKind {
    CPU,
    GPU
}
