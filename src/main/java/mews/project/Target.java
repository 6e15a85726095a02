package mews.project;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What an app runs.
public sealed interface Target {
    /// A symbol of a file, evaluated on the developer's machine.
    ///
    /// @param text as written, `file.py::Symbol` or `file.py`
    /// @param file absolute
    /// @param symbol absent: the file's only app or function
    record Ref(String text, Path file, @Nullable String symbol) implements Target {}

    /// A symbol of an installed package; nothing is imported on the developer's machine.
    record EntryPoint(String module, String symbol) implements Target {
        /// `module:symbol`.
        public String text() {
            return module + ":" + symbol;
        }
    }

    /// The image's own process.
    record ImageOnly() implements Target {}
}
