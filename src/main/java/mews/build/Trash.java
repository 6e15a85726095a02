package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import mews.host.IdRanges;

/// Folders on their way out: renamed in one step, so that nobody ever meets half of one, and
/// deleted afterwards. What a killed server left of them goes at the next start.
public final class Trash {
    private static final String NAME = ".trash";

    private static final String RETIRED = "retired-";

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

    /// For what a sandbox may have mounted, whose files must not vanish under it: goes once nobody
    /// has it mounted, which is looked at when the next one comes and at the next start.
    static void retire(Path store, Path folder) throws IOException {
        Path trash = Files.createDirectories(store.resolve(NAME));
        String name = RETIRED + folder.getFileName() + "-" + UUID.randomUUID();
        Files.move(folder, trash.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        List<Path> retired;
        try (Stream<Path> all = Files.list(trash)) {
            retired =
                    all.filter(each -> each.getFileName().toString().startsWith(RETIRED)).toList();
        }
        String mounted = mounted();
        for (Path each : retired) {
            if (!mounted.contains(each.getFileName().toString())) {
                IdRanges.delete(each);
            }
        }
    }

    /// A mount is told with the name that its folder has now.
    private static String mounted() throws IOException {
        StringBuilder mounted = new StringBuilder();
        try (DirectoryStream<Path> processes =
                Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try (Stream<String> mounts = Files.lines(process.resolve("mountinfo"))) {
                    mounts.filter(line -> line.contains(RETIRED)).forEach(mounted::append);
                } catch (IOException | UncheckedIOException e) {
                    // It has ended, or is not ours.
                }
            }
        }
        return mounted.toString();
    }

    public static void sweep(Path store) throws IOException {
        IdRanges.delete(store.resolve(NAME));
    }
}
