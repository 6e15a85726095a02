package mews.fleet;

import java.io.IOException;
import java.nio.file.Path;

/// Opens the way by which the code of a runner reaches this server. The upper rooms stand behind
/// it.
@FunctionalInterface
public interface DoorKeeper {
    /// Listens on a Unix socket that the runner can reach.
    ///
    /// @param socket path to listen on; its folder exists
    /// @param account whose runner it is
    /// @return closing it ends the listening and every connection
    /// @throws IOException if it cannot listen
    AutoCloseable open(Path socket, String account) throws IOException;
}
