package mews.build;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// The disk below builds.
///
/// @param folder on that disk
/// @param leastFree bytes that must be free before a build starts
public record DiskSpace(Path folder, long leastFree) {
    private static final long MEGA = 1_000_000;

    /// @throws Refusal if there is too little room for a build to begin
    public void require() throws IOException {
        long free = free();
        if (free < leastFree) {
            throw new Refusal(
                    Refusal.Kind.EXHAUSTED,
                    "the disk of %s has %d MB free, and a build starts only with %d MB or more (cache.free_mb); make room there, for example with `mews cache prune --all`"
                            .formatted(folder, free / MEGA, leastFree / MEGA));
        }
    }

    long free() throws IOException {
        return Files.getFileStore(Files.createDirectories(folder)).getUsableSpace();
    }

    /// A build that met the end of the disk; nothing of it was kept.
    public Refusal full() {
        return new Refusal(
                Refusal.Kind.EXHAUSTED,
                "the disk of %s became full during the build, and nothing of the build was kept; make room there, for example with `mews cache prune --all`, and try again"
                        .formatted(folder));
    }

    /// Whether a message, from the kernel by way of whoever, says so.
    public static boolean isFull(@Nullable String message) {
        String low = message == null ? "" : message.toLowerCase(Locale.ROOT);
        return low.contains("no space left on device")
                || low.contains("os error 28")
                || low.contains("disk quota exceeded");
    }

    /// Bytes of all files below a folder; what has several names counts once, what vanishes
    /// meanwhile not at all.
    public static long of(Path folder) throws IOException {
        Sum sum = new Sum();
        Files.walkFileTree(folder, sum);
        return sum.bytes;
    }

    /// Bytes that deleting the folder would free: of files with names elsewhere, none.
    static long freedBy(Path folder) throws IOException {
        Names names = new Names();
        Files.walkFileTree(folder, names);
        return names.bytes()
                - names.shared.values().stream().mapToLong(Shared::heldElsewhere).sum();
    }

    /// A file of several names.
    ///
    /// @param missing names that were not met
    private record Shared(long bytes, int missing) {
        long heldElsewhere() {
            return missing > 0 ? bytes : 0;
        }
    }

    private static class Sum extends SimpleFileVisitor<Path> {
        private final Set<Object> met = new HashSet<>();
        private long bytes;

        long bytes() {
            return bytes;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Object key = attributes.fileKey();
            if (key == null || met.add(key)) {
                bytes += attributes.size();
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }
    }

    /// Also counts names, at the price of another look at each file.
    private static final class Names extends Sum {
        private final Map<Object, Shared> shared = new HashMap<>();

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Object key = attributes.fileKey();
            Shared known = key == null ? null : shared.get(key);
            if (known != null) {
                shared.put(key, new Shared(known.bytes(), known.missing() - 1));
            } else if (key != null) {
                first(file, attributes.size(), key);
            }
            return super.visitFile(file, attributes);
        }

        private void first(Path file, long bytes, Object key) throws IOException {
            try {
                int names = (int) Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
                if (names > 1) {
                    shared.put(key, new Shared(bytes, names - 1));
                }
            } catch (NoSuchFileException e) {
                // It vanished meanwhile.
            }
        }
    }
}
