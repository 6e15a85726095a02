package mews.build;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;

/// Trees of files that take no room of their own.
final class HardLinks {
    static final String BYTE_CODE = "__pycache__";

    private HardLinks() {}

    /// Lays all regular files of a tree into another. What is there already is replaced, as pip
    /// does where two packages bring the same file.
    ///
    /// @return bytes of the files that were laid
    static long tree(Path from, Path to) throws IOException {
        return lay(new Laying(from, to, true));
    }

    /// The same without byte code.
    static void sources(Path from, Path to) throws IOException {
        lay(new Laying(from, to, false));
    }

    private static long lay(Laying laying) throws IOException {
        Files.walkFileTree(laying.from, laying);
        return laying.bytes;
    }

    /// Where the file system has no links, or no more for this file, it is copied.
    static void file(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
        } catch (FileAlreadyExistsException e) {
            forgetByteCode(to);
            Files.delete(to);
            file(from, to);
        } catch (UnsupportedOperationException e) {
            Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
        } catch (FileSystemException e) {
            if (!Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    /// Python would take it for that of the source that comes now.
    private static void forgetByteCode(Path source) throws IOException {
        Path folder = source.resolveSibling(BYTE_CODE);
        String stem = source.getFileName().toString().replaceFirst("\\.py$", "");
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : all.toList()) {
                if (each.getFileName().toString().startsWith(stem + ".")) {
                    Files.delete(each);
                }
            }
        }
    }

    private static final class Laying extends SimpleFileVisitor<Path> {
        private final Path from;
        private final Path to;
        private final boolean withByteCode;
        private long bytes;

        Laying(Path from, Path to, boolean withByteCode) {
            this.from = from;
            this.to = to;
            this.withByteCode = withByteCode;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
            if (!withByteCode && folder.endsWith(BYTE_CODE)) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            Path place = to.resolve(from.relativize(folder).toString());
            if (!Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
                // A link that a build left there must not lead out of the layer.
                Files.deleteIfExists(place);
                Files.createDirectory(place);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            if (attributes.isRegularFile()) {
                file(file, to.resolve(from.relativize(file).toString()));
                bytes += attributes.size();
            }
            return FileVisitResult.CONTINUE;
        }
    }
}
