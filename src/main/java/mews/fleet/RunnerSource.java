package mews.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Hashes;

/// The runner's Python files, copied to where a sandbox may see them and compiled once for each
/// interpreter: compiling them at every start would cost more than the sandbox. Thread-safe.
final class RunnerSource {
    private static final String PACKAGE = "mews_runner";

    private final Path folder;
    private final Set<Path> compiled = ConcurrentHashMap.newKeySet();

    private RunnerSource(Path folder) {
        this.folder = folder;
    }

    /// @param source the folder that holds the package
    /// @param target below which copies are kept, one for each version of the files
    /// @throws IOException if the package is not there
    static RunnerSource install(Path source, Path target) throws IOException {
        Path given = source.resolve(PACKAGE);
        List<Path> files = pythonFiles(given);
        if (files.isEmpty()) {
            throw new IOException("the runner's Python files are not in " + given);
        }
        Path folder = target.resolve("runner-" + digest(files));
        if (!Files.isDirectory(folder)) {
            copy(files, target, folder);
        }
        return new RunnerSource(folder);
    }

    Path folder() {
        return folder;
    }

    Path main() {
        return folder.resolve(mainBelow());
    }

    /// The same, as seen from the folder.
    String mainBelow() {
        return PACKAGE + "/__main__.py";
    }

    /// Compiles for an interpreter; failing to is slow, not wrong.
    void compileFor(Path interpreter) throws IOException {
        if (!compiled.add(interpreter)) {
            return;
        }
        Process process =
                new ProcessBuilder(
                                interpreter.toString(),
                                "-m",
                                "compileall",
                                "-q",
                                folder.resolve(PACKAGE).toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static List<Path> pythonFiles(Path given) throws IOException {
        if (!Files.isDirectory(given)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(given)) {
            return files.filter(file -> file.toString().endsWith(".py")).sorted().toList();
        }
    }

    private static String digest(List<Path> files) throws IOException {
        MessageDigest digest = Hashes.sha256();
        for (Path file : files) {
            digest.update(file.getFileName().toString().getBytes());
            digest.update(Files.readAllBytes(file));
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 8);
    }

    private static void copy(List<Path> files, Path target, Path folder) throws IOException {
        Files.createDirectories(target);
        Path unfinished = Files.createTempDirectory(target, "runner-");
        Path inner = Files.createDirectory(unfinished.resolve(PACKAGE));
        for (Path file : files) {
            Files.copy(file, inner.resolve(file.getFileName().toString()));
        }
        for (Path readable : List.of(unfinished, inner)) {
            Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        try {
            Files.move(unfinished, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Another server of this host placed the same files.
            Folders.delete(unfinished);
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
    }
}
