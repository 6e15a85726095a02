package mews.build;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import mews.base.Folders;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Byte code of wheels, compiled while uv still brings others and while the finished layer is in
/// use already. uv unpacks each to a folder of its cache that appears whole; byte code is laid
/// apart from there, and beside the sources once they are in place. Does nothing where no processor
/// is left for it. Used by one thread at a time.
final class EarlyByteCode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EarlyByteCode.class);

    /// Of uv's cache, in the version that is used here.
    private static final String ARCHIVES = "archive-v0";

    private static final String SUFFIX = ".pyc";

    /// Between two looks at what is there. An import meets hundreds of sources in that time.
    private static final Duration LOOK = Duration.ofMillis(50);

    private final Compiler compiler;
    private final Bench bench;
    private final String minor;
    private final List<String> asked;
    private final Path archives;
    private final Path byteCode;
    private final CompletableFuture<Optional<SandboxProcess>> process = new CompletableFuture<>();
    private boolean begun;
    private boolean handedOver;

    EarlyByteCode(Compiler compiler, Bench bench, String minor, Recipe recipe) {
        this.compiler = compiler;
        this.bench = bench;
        this.minor = minor;
        this.asked = recipe.asked();
        this.archives = bench.wheelsCache(!recipe.isTraced()).resolve(ARCHIVES);
        this.byteCode = bench.byteCode();
    }

    /// Before anything is unpacked. Called once.
    void begin() {
        begun = true;
        if (Compiler.worksBeside()) {
            Thread.startVirtualThread(() -> process.complete(start()));
        } else {
            process.complete(Optional.empty());
        }
    }

    private Optional<SandboxProcess> start() {
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

    private Optional<SandboxProcess> running() {
        return begun ? process.join() : Optional.empty();
    }

    /// Moves what there is by now to the sources that it was made of.
    ///
    /// @param trees folders of installed packages whose files are links to what was unpacked
    void lay(List<Path> trees) throws IOException {
        if (running().isPresent()) {
            Files.walkFileTree(byteCode, new Laying(trees));
        }
    }

    /// From now on closing does nothing: `finish` will be called.
    EarlyByteCode handOver() {
        handedOver = true;
        return this;
    }

    /// Waits until all that was unpacked is compiled, and lays it while it comes.
    ///
    /// @param site of the layer that the sources went to
    void finish(Path site) throws IOException, InterruptedException {
        try {
            Optional<SandboxProcess> compiling = running();
            if (compiling.isPresent()) {
                compiling.get().stdin().write('\n');
                compiling.get().stdin().flush();
                while (!ended(compiling.get())) {
                    lay(List.of(site));
                }
                lay(List.of(site));
            }
        } finally {
            end();
        }
    }

    private static boolean ended(SandboxProcess compiling) throws InterruptedException {
        try {
            compiling.exit().get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the end of the compiler cannot be told", e);
        }
    }

    /// Ends it, finished or not, unless another was to.
    @Override
    public void close() throws IOException {
        if (!handedOver) {
            end();
        }
    }

    private void end() throws IOException {
        if (begun) {
            process.join().ifPresent(SandboxProcess::close);
            Folders.delete(byteCode);
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

        /// The compiler goes on meanwhile, and gives each file its name when it is whole.
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
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
