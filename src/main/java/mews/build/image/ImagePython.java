package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mews.host.Command;
import mews.model.Refusal;
import mews.sandbox.ImageFiles;
import org.jspecify.annotations.Nullable;

/// The Python of an image, found on its PATH and asked for its version. It is a stranger's program:
/// it runs without rights, network or other processes in sight.
///
/// @param path inside the image, as PATH has it: a virtual environment's stays that
/// @param minor such as `3.11`
record ImagePython(String path, String minor) {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String STANDARD_PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// @param environment the image's variables
    /// @return null if it has none
    /// @throws Refusal if it has one that cannot be used
    static @Nullable ImagePython find(ImageFolders.Seen seen, Map<String, String> environment)
            throws IOException {
        ImageFiles files = seen.image();
        String search = environment.getOrDefault("PATH", STANDARD_PATH);
        @Nullable String path = program(files, search, List.of("python", "python3"));
        if (path == null) {
            return null;
        }
        @Nullable Path file = files.find(path).orElse(null);
        @Nullable Elf elf = file == null ? null : Elf.read(file);
        if (elf != null && elf.loader().contains("musl")) {
            throw refusal(
                    "%s in the image is built for musl (Alpine); Mews' runner packages need glibc. Use a Debian-based image such as python:3.12-slim, or use_isolate = false for an app that is only an image"
                            .formatted(path));
        }
        return new ImagePython(path, ask(seen, path));
    }

    /// The first program of one of these names on a PATH. All of PATH is searched for the first
    /// name before the second.
    ///
    /// @return absolute path as a process in the image sees it; null if there is none
    private static @Nullable String program(ImageFiles files, String path, List<String> names) {
        for (String name : names) {
            for (String folder : path.split(":")) {
                String candidate = (folder.endsWith("/") ? folder : folder + "/") + name;
                boolean found =
                        folder.startsWith("/")
                                && files.find(candidate)
                                        .filter(Files::isRegularFile)
                                        .filter(Files::isExecutable)
                                        .isPresent();
                if (found) {
                    return candidate;
                }
            }
        }
        return null;
    }

    private static String ask(ImageFolders.Seen seen, String path) {
        List<String> line = new ArrayList<>(seen.enter());
        line.addAll(
                List.of(
                        "unshare",
                        "--net",
                        "--pid",
                        "--ipc",
                        "--uts",
                        "--fork",
                        "--kill-child",
                        "--root=" + seen.there(),
                        "--setgid=65534",
                        "--setuid=65534",
                        path,
                        "-I",
                        "-c",
                        "import sys; print('%d.%d' % sys.version_info[:2])"));
        Command.Result said = Command.run(PATIENCE, Map.of("PATH", STANDARD_PATH), line);
        String minor = said.out().strip();
        if (!said.ok() || !minor.matches("\\d\\.\\d{1,2}")) {
            throw refusal("%s in the image does not run: %s".formatted(path, said.lastWords()));
        }
        return minor;
    }

    private static Refusal refusal(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }
}
