package mews.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import mews.base.Home;

/// Shows by an image of nothing what can build images on this host; what is tried is deleted.
final class Trial {
    private static final List<String> SHARED = List.of("/usr", "/bin", "/lib", "/lib64");

    private Trial() {}

    interface Attempt {
        /// @param folder on the disk that images will be on, empty
        /// @param run for sockets, short
        Command.Result in(Path folder, Path run) throws IOException;
    }

    static Command.Result of(Home home, Attempt attempt) {
        try {
            Path scratch = Files.createDirectories(home.images().resolve(".probe"));
            Path folder = Files.createTempDirectory(scratch, "");
            // podman takes no path of more than 50 characters for it.
            Path run = home.sockets().resolve("p" + Math.floorMod(folder.hashCode(), 100_000));
            try {
                return attempt.in(folder, run);
            } finally {
                IdRanges.delete(folder);
                IdRanges.delete(run);
            }
        } catch (IOException e) {
            return new Command.Result(1, "", String.valueOf(e.getMessage()));
        }
    }

    /// Words that show a container what programs of this host need.
    static List<String> volumes() {
        return SHARED.stream()
                .filter(path -> Files.exists(Path.of(path)))
                .flatMap(path -> Stream.of("--volume", "%1$s:%1$s:ro".formatted(path)))
                .toList();
    }
}
