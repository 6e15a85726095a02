package mews.fleet;

import java.nio.file.Path;

/// Where the Python of a runner comes from. Thread-safe; may block while something is fetched.
public interface Pythons {
    /// @param minor such as `3.12`
    /// @return the interpreter
    /// @throws mews.model.Refusal if this machine has none
    Path interpreter(String minor);

    /// @param minor such as `3.12`
    /// @return a folder of packages that decode and encode what runners are handed; used after the
    ///   app's own
    /// @throws mews.model.Refusal if they cannot be installed
    Path support(String minor);
}
