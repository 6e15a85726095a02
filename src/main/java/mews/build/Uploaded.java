package mews.build;

import java.nio.file.Path;
import java.util.Optional;

/// Files that developers handed over before the build and that requirements name by URL.
public interface Uploaded {
    /// @param contentHash the same for the same bytes, whatever the URL
    /// @param name as given at the upload; installers know archives by it
    record File(String contentHash, Path path, String name) {}

    /// @return empty if the URL is not one of ours, or the file expired
    Optional<File> find(String url);
}
