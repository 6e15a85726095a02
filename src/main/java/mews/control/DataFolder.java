package mews.control;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import mews.base.Folders;
import mews.model.Refusal;

/// `/data` of one account, from outside its runners. Apps may put symbolic links there, which on
/// this side would lead anywhere: no path may leave the folder, and no link is followed to a file.
final class DataFolder {
    private static final String MOUNT = "data";

    /// Bytes, on the usual file systems of Linux.
    private static final int LONGEST_NAME = 255;

    /// Bytes; the system's own limit of 4096 counts the folders above too.
    private static final int LONGEST_PATH = 3000;

    record Entry(String path, long size, boolean isFile, String updated) {}

    private final Path root;

    /// @param root made if it is not there
    DataFolder(Path root) throws IOException {
        Files.createDirectories(root);
        this.root = root.toRealPath();
    }

    /// @return nothing for what is no folder: clients look at a folder before they make it
    List<Entry> list(String asked) throws IOException {
        Path found = inside(asked);
        if (!Files.isDirectory(found)) {
            return List.of();
        }
        Path folder = within(found.toRealPath(), asked);
        try (Stream<Path> children = Files.list(folder)) {
            return children.sorted().map(this::entry).toList();
        }
    }

    /// @return a regular file, not to be changed
    Path file(String asked) throws IOException {
        Path file = existing(asked);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw missing(asked);
        }
        return file;
    }

    /// Writes beside, then moves, so that an app never sees half a file.
    void write(String asked, InputStream content) throws IOException {
        Path file = target(asked);
        Path beside = Files.createTempFile(file.resolveSibling(""), ".upload", null);
        try {
            try (OutputStream out =
                    Files.newOutputStream(beside, StandardOpenOption.TRUNCATE_EXISTING)) {
                content.transferTo(out);
            }
            move(beside, file);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    void take(String asked, Path whole) throws IOException {
        try (InputStream content = Files.newInputStream(whole)) {
            write(asked, content);
        }
    }

    /// Unpacks a zip archive into a folder.
    void unzip(String asked, InputStream archive) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(archive)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String path = asked + "/" + entry.getName();
                if (entry.isDirectory()) {
                    target(path + "/.");
                } else {
                    write(path, zip);
                }
            }
        }
    }

    void delete(String asked) throws IOException {
        Path path = existing(asked);
        if (path.equals(root)) {
            throw invalid("the folder /data itself cannot be deleted");
        }
        Folders.delete(path);
    }

    void rename(String asked, String destination) throws IOException {
        Path from = existing(asked);
        Path to = target(destination);
        if (from.equals(root) || to.startsWith(from)) {
            throw invalid("'%s' cannot be moved to '%s'".formatted(asked, destination));
        }
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    /// Whether the folder was synchronized with this hash: a client leaves it in `.fal_hash`. Its
    /// own hash depends on the order in which its file system lists files, and cannot be repeated.
    boolean hasHash(String asked, String hash) throws IOException {
        try {
            Path mark = file(asked + "/.fal_hash");
            return Files.size(mark) < 1024 && Files.readString(mark).strip().equals(hash);
        } catch (Refusal e) {
            return false;
        }
    }

    private void move(Path beside, Path file) throws IOException {
        // Runners have other users than this server.
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-rw-rw-"));
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw invalid("'%s' is a folder".formatted(shown(file)));
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// @throws Refusal if it is not there or a link leads out of the folder
    private Path existing(String asked) throws IOException {
        Path path = inside(asked);
        try {
            if (path.equals(root)) {
                return root;
            }
            Path parent = realParent(path, asked);
            Path found = parent.resolve(path.getFileName());
            if (!Files.exists(found, LinkOption.NOFOLLOW_LINKS)) {
                throw missing(asked);
            }
            return found;
        } catch (NoSuchFileException e) {
            throw missing(asked);
        }
    }

    /// Makes the parents of a file that is to be written.
    private Path target(String asked) throws IOException {
        Path path = inside(asked);
        if (path.equals(root)) {
            throw invalid("'%s' names no file".formatted(asked));
        }
        Path folder = root;
        for (Path name : root.relativize(path.resolveSibling(""))) {
            if (name.toString().isEmpty()) {
                continue;
            }
            folder = folder.resolve(name);
            if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(folder);
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            folder = within(folder.toRealPath(), asked);
        }
        if (!Files.isDirectory(folder)) {
            throw invalid("'%s' is not a folder".formatted(shown(folder)));
        }
        return folder.resolve(path.getFileName());
    }

    private Path realParent(Path path, String asked) throws IOException {
        return within(path.resolveSibling("").toRealPath(), asked);
    }

    private Path within(Path real, String asked) {
        if (!real.startsWith(root)) {
            throw invalid("'%s' leads out of /data through a link".formatted(asked));
        }
        return real;
    }

    private Path inside(String asked) {
        String relative = asked.replaceAll("^/+", "");
        if (relative.equals(MOUNT) || relative.startsWith(MOUNT + "/")) {
            relative = relative.substring(MOUNT.length()).replaceAll("^/+", "");
        }
        if (relative.indexOf('\0') >= 0 || List.of(relative.split("/")).contains("..")) {
            throw invalid("'%s' is not allowed: a path may not contain '..'".formatted(asked));
        }
        fits(relative);
        Path path = root.resolve(relative).normalize();
        if (!path.startsWith(root)) {
            throw invalid("'%s' leads out of /data".formatted(asked));
        }
        return path;
    }

    /// Beyond what a file system holds, all that one hears of it is a failure.
    private static void fits(String relative) {
        for (String name : relative.split("/")) {
            if (bytes(name) > LONGEST_NAME) {
                throw invalid(
                        "a name of %d bytes is too long; at most %d are allowed: '%.40s…'"
                                .formatted(bytes(name), LONGEST_NAME, name));
            }
        }
        if (bytes(relative) > LONGEST_PATH) {
            throw invalid(
                    "a path of %d bytes is too long; at most %d are allowed"
                            .formatted(bytes(relative), LONGEST_PATH));
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private Entry entry(Path path) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(
                            path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return new Entry(
                    shown(path),
                    attributes.isDirectory() ? 0 : attributes.size(),
                    !attributes.isDirectory(),
                    Times.text(attributes.lastModifiedTime().toInstant()));
        } catch (IOException e) {
            return new Entry(shown(path), 0, true, Times.text(java.time.Instant.EPOCH));
        }
    }

    private String shown(Path path) {
        return "/" + MOUNT + "/" + root.relativize(path);
    }

    private static Refusal missing(String asked) {
        String path = asked.startsWith("/") ? asked : "/" + asked;
        return new Refusal(Refusal.Kind.NOT_FOUND, "'%s' not found".formatted(path));
    }

    private static Refusal invalid(String message) {
        return new Refusal(Refusal.Kind.INVALID, message);
    }
}
