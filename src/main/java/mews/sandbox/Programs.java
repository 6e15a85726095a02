package mews.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The Python programs of this room, which lie packed in ours.
final class Programs {
    private Programs() {}

    /// @param folder made if it is not there
    /// @param name of a program beside this class
    /// @return where it was written
    static Path write(Path folder, String name) throws IOException {
        try (InputStream script = Programs.class.getResourceAsStream(name)) {
            if (script == null) {
                throw new IOException(name + " is missing from this program");
            }
            return Files.write(
                    Files.createDirectories(folder).resolve(name), script.readAllBytes());
        }
    }
}
