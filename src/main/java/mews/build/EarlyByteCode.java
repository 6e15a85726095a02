package mews.build;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Byte code of wheels, compiled while uv still brings others. uv unpacks each to a folder of its
/// cache that appears whole; byte code is laid apart from there, and beside the sources once they
/// are in place. Does nothing where no processor is left for it. Used by one thread.
final class EarlyByteCode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EarlyByteCode.class);

    /// Of uv's cache, in the version that is used here.
    private static final String ARCHIVES = "archive-v0";

    private static final String SUFFIX = ".pyc";

    private final Path archives;
    private final Path byteCode;
    private final CompletableFuture<Optional<SandboxProcess>> process = new CompletableFuture<>();

    EarlyByteCode(Compiler compiler, Bench bench, String minor, Recipe recipe) {
        this.archives = bench.wheelsCache(!recipe.isTraced()).resolve(ARCHIVES);
        this.byteCode = bench.byteCode();
        if (Compiler.worksBeside()) {
            Thread.startVirtualThread(
                    () -> process.complete(start(compiler, bench, minor, recipe.asked())));
        } else {
            process.complete(Optional.empty());
        }
    }

    private Optional<SandboxProcess> start(
            Compiler compiler, Bench bench, String minor, List<String> asked) {
        try {
            LayerShelf.readable(Files.createDirectory(byteCode));
            Compiler.Work work = Compiler.Work.appearing(archives, byteCode, known(), asked);
            List<SandboxSpec.Bind> binds =
                    List.of(
                            SandboxSpec.Bind.readOnly(bench.wheels()),
                            SandboxSpec.Bind.writable(byteCode));
            return Optional.of(compiler.start(minor, work, binds));
        } catch (IOException | RuntimeException e) {
            LOG.warn("byte code cannot be made while wheels are unpacked", e);
            return Optional.empty();
        }
    }

    /// Those of earlier builds.
    private Set<String> known() throws IOException {
        Set<String> known = new HashSet<>();
        if (Files.isDirectory(archives)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(archives)) {
                all.forEach(each -> known.add(each.getFileName().toString()));
            }
        }
        return known;
    }

    /// Ends it, finished or not. May be called twice.
    @Override
    public void close() {
        process.join().ifPresent(SandboxProcess::close);
    }

    /// Ends it, and moves what there is to the sources that it was made of.
    ///
    /// @param trees folders of installed packages whose files are links to what was unpacked
    void lay(List<Path> trees) throws IOException {
        close();
        if (process.join().isPresent()) {
            Files.walkFileTree(byteCode, new Laying(trees));
        }
    }

    private final class Laying extends SimpleFileVisitor<Path> {
        private final List<Path> trees;

        /// Most files of a wheel are in the same one.
        private Path last;

        Laying(List<Path> trees) {
            this.trees = trees;
            this.last = trees.getFirst();
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Path path = byteCode.relativize(file);
            boolean whole = file.getFileName().toString().endsWith(SUFFIX);
            if (attributes.isRegularFile()
                    && whole
                    && path.getNameCount() > 2
                    && file.resolveSibling("").endsWith(HardLinks.BYTE_CODE)) {
                Path source = WheelStore.source(path);
                lay(file, archives.resolve(source), source.subpath(1, source.getNameCount()));
            }
            return FileVisitResult.CONTINUE;
        }

        /// @param source what it was made of
        /// @param path of that source within its package's folder
        private void lay(Path file, Path source, Path path) throws IOException {
            if (!isAt(last.resolve(path), source)) {
                Optional<Path> tree =
                        trees.stream().filter(each -> isAt(each.resolve(path), source)).findFirst();
                if (tree.isEmpty()) {
                    return;
                }
                last = tree.get();
            }
            Path folder = last.resolve(path).resolveSibling(HardLinks.BYTE_CODE);
            Path to = folder.resolve(file.getFileName());
            if (!Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(folder);
                Files.move(file, to);
            }
        }

        private static boolean isAt(Path place, Path source) {
            try {
                return Files.isRegularFile(place, LinkOption.NOFOLLOW_LINKS)
                        && Files.isSameFile(place, source);
            } catch (IOException e) {
                return false;
            }
        }
    }
}
