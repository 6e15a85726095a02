package mews.cli;

import java.io.IOException;

/// The server behind `mews serve`; given from outside, since the command line knows nothing of its
/// inside.
@FunctionalInterface
public interface Serve {
    /// Runs until it is told to stop.
    ///
    /// @param whileUsed end ten seconds after the last presence has gone
    /// @return the exit code
    int serve(boolean whileUsed) throws IOException;
}
