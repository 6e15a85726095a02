package mews.model;

import org.jspecify.annotations.Nullable;

/// The user's code as it was handed over. Never decoded outside a runner. protocol: control 5
public sealed interface Callable {
    /// A serialized function or app.
    ///
    /// @param method import name of the module that has `loads` and `dumps`
    /// @param definition the serialized bytes
    /// @param setup the serialized setup function, its result is the first argument
    record Pickled(String method, byte[] definition, byte @Nullable [] setup) implements Callable {}

    /// A symbol of an installed package, `module:symbol.method`.
    record EntryPoint(String target) implements Callable {}

    /// The image's own process; no Python loader.
    record OwnProcess() implements Callable {}
}
