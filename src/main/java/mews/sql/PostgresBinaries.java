package mews.sql;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import mews.base.Folders;
import mews.model.Refusal;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// The PostgreSQL programs that travel in a jar, unpacked once per tools folder.
final class PostgresBinaries {
    /// The same for both architectures; a data folder never changes its major version.
    static final String VERSION = "18.4.0";

    private PostgresBinaries() {}

    /// @return the folder that holds `bin`, `lib` and `share`, readable by everyone
    static Path unpack(Path tools) {
        Path ready = tools.resolve("postgres-" + VERSION);
        if (Files.isDirectory(ready)) {
            return ready;
        }
        try {
            Files.createDirectories(tools);
            Path fresh = Files.createTempDirectory(tools, ".postgres-");
            try {
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                extract(fresh);
                Files.move(fresh, ready, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                Folders.delete(fresh);
                if (!Files.isDirectory(ready)) {
                    throw e;
                }
            }
            return ready;
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL cannot be unpacked into " + tools, e);
        }
    }

    private static void extract(Path target) throws IOException {
        String resource = "/postgres-linux-" + architecture() + ".txz";
        try (InputStream packed = PostgresBinaries.class.getResourceAsStream(resource)) {
            if (packed == null) {
                throw new Refusal(
                        Refusal.Kind.UNSUPPORTED,
                        "no PostgreSQL for this processor (%s) travels with Mews; set MEWS_DATABASE_URL to a PostgreSQL of yours"
                                .formatted(System.getProperty("os.arch")));
            }
            try (var archive =
                    new TarArchiveInputStream(
                            new XZCompressorInputStream(new BufferedInputStream(packed)))) {
                for (var entry = archive.getNextEntry();
                        entry != null;
                        entry = archive.getNextEntry()) {
                    extract(entry, archive, target);
                }
            }
        }
    }

    private static void extract(TarArchiveEntry entry, InputStream content, Path target)
            throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("the PostgreSQL archive holds a path outside: " + path);
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Path parent = path.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(content, path);
        boolean program = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(
                path, PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static String architecture() {
        String name = System.getProperty("os.arch");
        return switch (name) {
            case "amd64" -> "x86_64";
            case "aarch64" -> "arm_64";
            default -> name;
        };
    }
}
