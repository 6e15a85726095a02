package mews.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/// Bytes by content hash, written to a temporary file and moved when complete. Thread-safe.
public interface Blobs {
    /// Stores under the sha256 of the content itself.
    ///
    /// @return the hex hash
    String put(InputStream content) throws IOException;

    /// Stores under a key that the caller verified, such as the app-file hash over content and
    /// mode. The file is taken over: it is moved, with its permission bits, not copied.
    void putAs(String key, Path content) throws IOException;

    /// @return the file that holds the bytes, never to be changed
    Optional<Path> find(String key);

    /// @return those of `keys` that are not here
    Set<String> missing(Collection<String> keys);

    void delete(String key) throws IOException;
}
