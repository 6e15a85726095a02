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
import java.util.Map;
import java.util.Optional;
import mews.base.Folders;
import mews.base.Hashes;

/// Unpacked wheels of one account for one Python version, each in a folder that appears whole.
/// Their files are linked into layers, so no sandbox ever has this where it could write.
/// Thread-safe.
final class WheelStore {
    private static final String PROGRAMS = "bin";

    private final Path stores;
    private final Path folder;

    /// @param stores of one account
    WheelStore(Path stores, String minor) {
        this.stores = stores;
        this.folder = stores.resolve(minor);
    }

    /// @param entry of a lock, with hashes
    Optional<Path> find(String entry) {
        return Optional.of(place(entry)).filter(Files::isDirectory);
    }

    /// Takes what was unpacked away from there, as far as it is clear which file is whose.
    ///
    /// @param site loses what `find` finds from then on
    /// @param entries of a lock, by package
    void keep(Path site, Map<String, String> entries) throws IOException {
        Files.createDirectories(folder);
        for (Map.Entry<String, WheelRecords.Owned> each : WheelRecords.of(site).entrySet()) {
            String entry = entries.get(each.getKey());
            if (entry != null && find(entry).isEmpty()) {
                keep(site, each.getValue(), place(entry));
            }
        }
    }

    /// Takes what a finished layer was made of, and leaves it as it is.
    ///
    /// @param site of the layer, with programs beside it
    /// @param entries of a lock, by package: all that the layer was made of
    void keepOf(Path site, Map<String, String> entries) throws IOException {
        Files.createDirectories(stores);
        Path draft = Files.createTempDirectory(stores, PackageCache.DRAFT);
        try {
            HardLinks.sources(site, draft);
            Path programs = site.resolveSibling(PROGRAMS);
            if (Files.isDirectory(programs, LinkOption.NOFOLLOW_LINKS)) {
                HardLinks.sources(programs, Files.createDirectory(draft.resolve(PROGRAMS)));
            }
            keep(draft, entries);
        } finally {
            Folders.delete(draft);
        }
    }

    private void keep(Path site, WheelRecords.Owned owned, Path place) throws IOException {
        Path draft = Files.createTempDirectory(stores, PackageCache.DRAFT);
        try {
            LayerShelf.readable(draft);
            for (Path whole : owned.wholes()) {
                Files.move(site.resolve(whole), draft.resolve(whole));
            }
            for (Path file : owned.files()) {
                Path to = draft.resolve(file);
                Files.createDirectories(to.getParent());
                Files.move(site.resolve(file), to);
            }
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            // Another build was first.
        } catch (FileSystemException e) {
            if (!Files.isDirectory(place)) {
                throw e;
            }
        } finally {
            Folders.delete(draft);
        }
    }

    /// Takes over the byte code that a finished layer has of an entry's files.
    void adopt(String entry, Path site) throws IOException {
        Optional<Path> kept = find(entry);
        if (kept.isPresent()) {
            Files.walkFileTree(site, new Adopting(site, kept.get()));
        }
    }

    private Path place(String entry) {
        return folder.resolve(Hashes.sha256Hex(Lock.content(entry)));
    }

    /// `x/__pycache__/name.cpython-311.pyc` → `x/name.py`
    private static Path source(Path byteCode) {
        String stem = byteCode.getFileName().toString().split("\\.", 2)[0];
        return byteCode.resolveSibling("").resolveSibling(stem + ".py");
    }

    private static final class Adopting extends SimpleFileVisitor<Path> {
        private final Path site;
        private final Path kept;

        Adopting(Path site, Path kept) {
            this.site = site;
            this.kept = kept;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
            boolean known =
                    folder.getFileName().toString().equals(HardLinks.BYTE_CODE)
                            || Files.isDirectory(to(folder));
            return known ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Path to = to(file);
            if (isByteCode(file) && !Files.exists(to) && isOf(file, source(to))) {
                Files.createDirectories(to.getParent());
                HardLinks.file(file, to);
            }
            return FileVisitResult.CONTINUE;
        }

        /// Another package may have brought a source of the same name.
        private static boolean isOf(Path byteCode, Path source) throws IOException {
            return Files.exists(source) && Files.isSameFile(source(byteCode), source);
        }

        private Path to(Path path) {
            return kept.resolve(site.relativize(path).toString());
        }

        private static boolean isByteCode(Path file) {
            return file.resolveSibling("").endsWith(HardLinks.BYTE_CODE);
        }
    }
}
