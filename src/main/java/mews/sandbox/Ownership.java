package mews.sandbox;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/// Hands folders over to another uid.
final class Ownership {
    private Ownership() {}

    /// Gives the whole tree, unless its top is that uid's already: then nothing is touched. What is
    /// below is in the hands of a stranger from then on, and whoever walks it by name with root's
    /// rights can be led astray by a link that was put there a moment ago.
    static void give(Path top, int uid) throws IOException {
        Object owner = Files.getAttribute(top, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(uid)) {
            Files.walkFileTree(top, new Giving(uid));
        }
    }

    private static final class Giving extends SimpleFileVisitor<Path> {
        private final int uid;

        Giving(int uid) {
            this.uid = uid;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            take(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        /// Last, so that a walk that was cut short is done again.
        @Override
        public FileVisitResult postVisitDirectory(
                Path folder, @org.jspecify.annotations.Nullable IOException failure)
                throws IOException {
            take(folder);
            return FileVisitResult.CONTINUE;
        }

        private void take(Path file) throws IOException {
            Files.setAttribute(file, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
