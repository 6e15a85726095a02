package mews.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import mews.base.Env;
import org.jspecify.annotations.Nullable;

/// Where fal's command line keeps its login: a token to renew it with, and one to use. protocol:
/// control 1.2
final class LoginFile {
    /// Never used: the other token lasts long, and only fal's own servers are asked for a new one.
    private static final String NO_RENEWAL = "renew-with-mews-login";

    private LoginFile() {}

    static Path path() {
        @Nullable String folder = Env.get("FAL_HOME_DIR");
        return (folder == null ? Path.of(System.getProperty("user.home"), ".fal") : Path.of(folder))
                .resolve("auth0_token");
    }

    /// @param token readable by its owner only from its first moment on
    static void write(String token) throws IOException {
        Path file = path();
        Files.createDirectories(file.getParent());
        Path draft =
                Files.createTempFile(
                        file.getParent(),
                        ".login",
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, NO_RENEWAL + "\n" + token);
        Files.move(
                draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /// @return empty without a login of ours
    static Optional<String> read() throws IOException {
        if (!Files.isRegularFile(path())) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(path());
        return lines.size() == 2 && lines.getFirst().equals(NO_RENEWAL)
                ? Optional.of(lines.get(1))
                : Optional.empty();
    }
}
