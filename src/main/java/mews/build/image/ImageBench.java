package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import mews.base.Folders;
import mews.base.Hashes;
import mews.base.Home;
import mews.host.IdRanges;

/// Where one build of an image works: a folder on the images' disk for what is large, and one in
/// memory for what is secret, which nobody else may enter.
///
/// @param disk context, Dockerfile, temporary files
/// @param memory logins and build secrets
record ImageBench(Path disk, Path memory) implements AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    static ImageBench make(Path disks, Path memories) throws IOException {
        Files.createDirectories(disks);
        Files.createDirectories(
                memories,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new ImageBench(
                Files.createTempDirectory(disks, "draft-"),
                Files.createTempDirectory(memories, "draft-"));
    }

    /// Makes a folder that only its owner may enter.
    static void makePrivate(Path folder) throws IOException {
        Files.createDirectories(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /// A folder in memory if this host has one, otherwise among the server's short-lived files.
    static Path memory(Home home) {
        try {
            if (Files.isWritable(SHARED_MEMORY)
                    && Files.getFileStore(SHARED_MEMORY).type().equals("tmpfs")) {
                String server = Hashes.sha256Hex(home.root().toString()).substring(0, 8);
                return SHARED_MEMORY.resolve("mews-" + server);
            }
        } catch (IOException e) {
            // Then it is not there.
        }
        return home.sockets().resolve("builds");
    }

    /// Readable by its owner only.
    ///
    /// @return where it lies
    Path secret(String name, String content) throws IOException {
        Path file =
                Files.createFile(
                        memory.resolve(name),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, content);
    }

    @Override
    public void close() throws IOException {
        try {
            Folders.delete(memory);
        } finally {
            IdRanges.delete(disk);
        }
    }
}
