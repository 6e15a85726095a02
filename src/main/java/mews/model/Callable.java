package mews.model;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The user's code as it was handed over. Never decoded outside a runner. protocol: control 5
public sealed interface Callable {
    /// A serialized function or app.
    ///
    /// @param method import name of the module that has `loads` and `dumps`
    /// @param definition the serialized bytes
    /// @param setup the serialized setup function, its result is the first argument
    record Pickled(String method, byte[] definition, byte @Nullable [] setup) implements Callable {}

    /// A `Pickled` whose bytes are read from where they are kept each time they are asked for: most
    /// apps are held in memory and never started.
    ///
    /// @param definition as there; throws a `Refusal` if it is not kept any more
    record Kept(String method, Supplier<byte[]> definition, byte @Nullable [] setup)
            implements Callable {
        public Pickled whole() {
            return new Pickled(method, definition.get(), setup);
        }
    }

    /// A symbol of an installed package, `module:symbol.method`.
    record EntryPoint(String target) implements Callable {}

    /// The image's own process; no Python loader.
    record OwnProcess() implements Callable {}
}
