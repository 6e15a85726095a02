package mews.build;

import java.util.List;
import mews.model.MachineKind;
import org.jspecify.annotations.Nullable;

/// What the requirements of an environment came to, nothing secret in it.
///
/// @param python `major.minor`
/// @param machine kind that it was resolved for
/// @param image digest of the container image below, if there is one
/// @param packages sorted by name; of a package in several layers, the one that is imported
public record LockedEnvironment(
        String python, MachineKind machine, @Nullable String image, List<Package> packages) {
    /// @param name as the index spells it, in lower case and with `-`
    /// @param version empty if only the source tells, as for an archive or a repository
    /// @param source index, archive or repository it came from, credentials masked
    /// @param hashes such as `sha256:…`, of all archives of this version that may be installed
    /// @param layer 1 for the first install step
    public record Package(
            String name, String version, String source, List<String> hashes, int layer) {
        public Package {
            hashes = List.copyOf(hashes);
        }

        /// Whether it is this package, whichever layer it is in.
        public boolean sameAs(Package other) {
            return version.equals(other.version())
                    && source.equals(other.source())
                    && hashes.equals(other.hashes());
        }
    }

    public LockedEnvironment {
        packages = List.copyOf(packages);
    }
}
