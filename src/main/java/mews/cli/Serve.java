package mews.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The server behind `mews serve`; given from outside, since the command line knows nothing of its
/// inside.
@FunctionalInterface
public interface Serve {
    /// How it is to be served.
    ///
    /// @param whileUsed end ten seconds after the last presence has gone
    /// @param config the file to read; null: `mews.toml` in the state folder
    /// @param port to listen on instead of the configured ones; null: those
    record Wish(boolean whileUsed, @Nullable Path config, @Nullable Integer port) {}

    /// Runs until it is told to stop.
    ///
    /// @return the exit code
    int serve(Wish wish) throws IOException;
}
