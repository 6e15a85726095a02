package mews.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import mews.host.IdRanges;

/// Folders on their way out: renamed in one step, so that nobody ever meets half of one, and
/// deleted afterwards. What a killed server left of them goes at the next start.
public final class Trash {
    private static final String NAME = ".trash";

    private Trash() {}

    /// @param store on the same disk as `folder`
    /// @return where it lies until it is deleted
    static Path moveAway(Path store, Path folder) throws IOException {
        Path place =
                Files.createDirectories(store.resolve(NAME))
                        .resolve(folder.getFileName() + "-" + UUID.randomUUID());
        return Files.move(folder, place, StandardCopyOption.ATOMIC_MOVE);
    }

    public static void throwAway(Path store, Path folder) throws IOException {
        IdRanges.delete(moveAway(store, folder));
    }

    public static void sweep(Path store) throws IOException {
        IdRanges.delete(store.resolve(NAME));
    }
}
