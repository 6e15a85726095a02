package mews.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import mews.base.Folders;
import mews.base.Hashes;
import mews.host.Command;

/// Base images made of this machine's own programs and the libraries they need, so that no test
/// depends on anybody's registry. Made once per machine, and again when a program changed.
public final class TestImages {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String RULES = "8";
    private static final Map<String, Object> PATH =
            Map.of("Env", new String[] {"PATH=/usr/local/bin:/usr/bin:/bin"});

    private static final List<String> TOOLS =
            List.of(
                    "sh", "cat", "ls", "cp", "mv", "mkdir", "rm", "sleep", "echo", "id", "env",
                    "head", "grep", "chmod", "touch", "true", "false", "test", "dd", "ln", "stat");

    private TestImages() {}

    /// A shell and small tools; no Python.
    public static TestImage shell() {
        return make("shell", List.of(), List.of());
    }

    /// The same with this machine's `python3`: its standard library, no pip, marked as externally
    /// managed where this system's own is.
    public static TestImage python() {
        Path executable = Path.of(tell("import sys; print(sys.executable)")).normalize();
        Path library = Path.of(tell("import os; print(os.path.dirname(os.__file__))"));
        return make("python", List.of(real(executable)), List.of(library));
    }

    /// `major.minor` of the Python in `python()`.
    public static String pythonMinor() {
        return tell("import sys; print('%d.%d' % sys.version_info[:2])");
    }

    /// The same with Node instead of Python.
    public static TestImage node() {
        return make("node", List.of(real(onPath("node"))), List.of());
    }

    private static String tell(String code) {
        Command.Result said = Command.run(PATIENCE, systemPython(), "-I", "-c", code);
        if (!said.ok()) {
            throw new IllegalStateException("python3: " + said.lastWords());
        }
        return said.out().strip();
    }

    private static String systemPython() {
        return Files.isExecutable(Path.of("/usr/bin/python3")) ? "/usr/bin/python3" : "python3";
    }

    private static TestImage make(String name, List<Path> programs, List<Path> libraries) {
        try {
            List<Path> binaries = new ArrayList<>(programs);
            for (String tool : TOOLS) {
                binaries.add(onPath(tool));
            }
            Path cache =
                    Path.of(
                            System.getProperty("java.io.tmpdir"),
                            "mews-test-images-" + System.getProperty("user.name"));
            Files.createDirectories(cache);
            Path layer = cache.resolve(name + "-" + identity(binaries, libraries) + ".tar.gz");
            try (FileChannel gate =
                            FileChannel.open(
                                    cache.resolve(name + ".gate"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var held = gate.lock()) {
                if (held.isValid() && !Files.exists(layer)) {
                    pack(cache, name, binaries, libraries, layer);
                }
            }
            return new TestImage(
                    layer,
                    "sha256:" + digest(Files.newInputStream(layer)),
                    "sha256:" + digest(new GZIPInputStream(Files.newInputStream(layer))),
                    Files.size(layer),
                    architecture(),
                    PATH);
        } catch (IOException e) {
            throw new UncheckedIOException("no image of " + name, e);
        }
    }

    private static void pack(
            Path cache, String name, List<Path> binaries, List<Path> libraries, Path layer)
            throws IOException {
        Path root = Files.createTempDirectory(cache, name + "-");
        try {
            skeleton(root);
            for (Path library : libraries) {
                Path copy = below(root, library);
                Files.createDirectories(copy.getParent());
                run("cp", "-a", library.toString(), copy.toString());
                // Neither what builds it nor what is installed for this machine is of use here.
                run(
                        "sh",
                        "-c",
                        "cd \"$0\" && rm -rf config-* test idlelib ensurepip tkinter site-packages/* dist-packages/*",
                        copy.toString());
            }
            for (Path binary : binaries) {
                copy(binary, root.resolve("usr/bin").resolve(binary.getFileName()));
            }
            for (Path needed : needed(binaries, libraries)) {
                copy(needed, below(root, needed));
            }
            alias(root, binaries);
            Path draft = cache.resolve(name + ".draft");
            run(
                    "tar",
                    "-C",
                    root.toString(),
                    "--numeric-owner",
                    "--owner=0",
                    "--group=0",
                    "--sort=name",
                    "-czf",
                    draft.toString(),
                    ".");
            Files.move(draft, layer, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Folders.delete(root);
        }
    }

    private static void skeleton(Path root) throws IOException {
        for (String folder :
                List.of(
                        "etc", "root", "proc", "sys", "dev", "run", "var/tmp", "tmp", "usr/bin",
                        "usr/lib")) {
            Files.createDirectories(root.resolve(folder));
        }
        Files.createSymbolicLink(root.resolve("bin"), Path.of("usr/bin"));
        Files.createSymbolicLink(root.resolve("lib"), Path.of("usr/lib"));
        Files.createDirectories(root.resolve("usr/lib64"));
        Files.createSymbolicLink(root.resolve("lib64"), Path.of("usr/lib64"));
        run("chmod", "755", root.toString());
        run("chmod", "1777", root.resolve("tmp").toString(), root.resolve("var/tmp").toString());
        Files.writeString(
                root.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/tmp:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\napp:x:1000:\n");
        Files.writeString(root.resolve("etc/nsswitch.conf"), "hosts: files dns\n");
    }

    /// The names that people call programs by.
    private static void alias(Path root, List<Path> binaries) throws IOException {
        for (Path binary : binaries) {
            String file = binary.getFileName().toString();
            if (file.startsWith("python3.")) {
                Files.createSymbolicLink(root.resolve("usr/bin/python3"), Path.of(file));
            }
        }
    }

    private static TreeSet<Path> needed(List<Path> binaries, List<Path> libraries)
            throws IOException {
        List<String> objects = new ArrayList<>(binaries.stream().map(Path::toString).toList());
        for (Path library : libraries) {
            try (Stream<Path> files = Files.walk(library)) {
                files.map(Path::toString)
                        .filter(file -> file.endsWith(".so"))
                        .forEach(objects::add);
            }
        }
        TreeSet<Path> needed = new TreeSet<>();
        for (String object : objects) {
            Command.run(PATIENCE, "ldd", object)
                    .out()
                    .lines()
                    .flatMap(line -> Stream.of(line.strip().split("\\s+")))
                    .filter(word -> word.startsWith("/") && !word.endsWith(":"))
                    .map(Path::of)
                    .filter(Files::exists)
                    .forEach(needed::add);
        }
        // Parts of every small Debian, though a shell does without.
        Command.run(PATIENCE, "ldconfig", "-p")
                .out()
                .lines()
                .filter(line ->
                        line.matches(
                                "\\s*(libgcc_s|libstdc\\+\\+|librt|libpthread|libdl|libm|libresolv|libnss_dns|libnss_files)\\.so\\.\\d+ .*64.*"))
                .map(line -> Path.of(line.substring(line.indexOf("=> ") + 3).strip()))
                .forEach(needed::add);
        return needed;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(
                real(from),
                to,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
    }

    private static Path below(Path root, Path absolute) {
        return root.resolve(absolute.toString().substring(1));
    }

    private static String identity(List<Path> binaries, List<Path> libraries) throws IOException {
        List<String> facts = new ArrayList<>(List.of(RULES));
        for (Path file : Stream.concat(binaries.stream(), libraries.stream()).toList()) {
            facts.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
        }
        return Hashes.sha256Hex(facts.stream().collect(Collectors.joining("\n"))).substring(0, 12);
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private static Path onPath(String program) {
        return Stream.of("/usr/bin", "/bin", "/usr/local/bin")
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(program + " is not installed"));
    }

    private static Path real(Path path) {
        try {
            // Only the file: `sh` stays `sh`, whatever shell it is.
            return Files.isSymbolicLink(path) && path.getFileName().toString().startsWith("python")
                    ? path.toRealPath()
                    : path;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(InputStream content) throws IOException {
        MessageDigest digest = Hashes.sha256();
        try (InputStream read = new DigestInputStream(content, digest)) {
            read.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void run(String... line) throws IOException {
        Command.Result ran = Command.run(PATIENCE, line);
        if (!ran.ok()) {
            throw new IOException(line[0] + ": " + ran.lastWords());
        }
    }
}
