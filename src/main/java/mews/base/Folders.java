package mews.base;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Whole folders.
public final class Folders {
    private Folders() {}

    /// Deletes it with all that is in it, never following a symbolic link. What is not there, or
    /// vanishes meanwhile, is no error.
    public static void delete(Path folder) throws IOException {
        try {
            Files.walkFileTree(folder, new Deletion());
        } catch (NoSuchFileException e) {
            // Gone already, as asked.
        }
    }

    /// Bytes of the files in a folder, what goes away meanwhile is not counted.
    ///
    /// @return 0 if it is not there
    public static long size(Path folder) throws IOException {
        long[] bytes = {0};
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.walkFileTree(
                    folder,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
                            bytes[0] += facts.isRegularFile() ? facts.size() : 0;
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFileFailed(Path file, IOException gone) {
                            return FileVisitResult.CONTINUE;
                        }
                    });
        }
        return bytes[0];
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        private final Set<Path> opened = new HashSet<>();

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            // Of an ordinary user, whose programs and mounts close folders even to itself.
            if (failure instanceof AccessDeniedException
                    && Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                    && opened.add(file)) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
                Files.walkFileTree(file, this);
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
