package mews.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import mews.base.Folders;
import mews.base.Hashes;
import mews.base.Home;
import mews.base.Json;
import mews.model.ContainerSettings;
import mews.model.Image;
import mews.model.Refusal;

/// Where the parts of a finished image lie on this machine, for the one who starts processes in it.
/// Thread-safe.
///
/// Processes get an interpreter in a virtual environment of its own without any package, so that
/// what happens to be installed for the host's Python never leaks in.
public final class EnvironmentLayout {
    private final Home home;
    private final Interpreters interpreters;

    public EnvironmentLayout(Home home, Interpreters interpreters) {
        this.home = home;
        this.interpreters = interpreters;
    }

    /// The executable to start. First use of a minor version makes its folder, in about a
    /// millisecond.
    ///
    /// @throws Refusal if the host has no such Python any more
    public Path interpreter(Image image) {
        return interpreter(image.pythonVersion());
    }

    /// @param minor such as `3.11`
    public Path interpreter(String minor) {
        return bare(interpreters.require(minor)).resolve("bin/python");
    }

    /// The interpreter of this version that this host has for itself, if any.
    public Optional<Path> findInterpreter(String minor) {
        return interpreters.find(minor).map(found -> interpreter(found.minor()));
    }

    /// Some interpreter, for what is ours and runs on any.
    ///
    /// @throws Refusal if this host has none
    public Interpreter anyInterpreter() {
        return interpreters.all().stream()
                .findFirst()
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.FAILED_PRECONDITION,
                                "this host has no python3, which this server needs beside container images; install it"));
    }

    /// Folders of the image's packages, newest layer first, in the order of the import path.
    public List<Path> pythonPath(Image image) {
        return image.layers().stream().map(key -> layer(key).resolve("site")).toList();
    }

    /// Folders of the image's console scripts, newest layer first, for `PATH`.
    public List<Path> bin(Image image) {
        List<Path> bin =
                new ArrayList<>(
                        image.layers().stream().map(key -> layer(key).resolve("bin")).toList());
        bin.removeIf(folder -> !Files.isDirectory(folder));
        bin.add(interpreter(image).resolveSibling(""));
        return bin;
    }

    /// Packages of the runner itself, to come after the image's own on the import path.
    ///
    /// @return empty if no environment of this minor version was ever built here
    public Optional<Path> support(String minor) {
        Path link = supportLink(minor);
        try {
            return Optional.of(link.toRealPath().resolve("site"));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Everything that a sandbox must show read-only, at the same path, for a process of this image
    /// to run: interpreter, layers, support.
    public List<Path> visible(Image image) {
        Set<Path> visible = new LinkedHashSet<>(visible(image.pythonVersion()));
        image.layers().forEach(key -> visible.add(layer(key)));
        support(image.pythonVersion()).ifPresent(site -> visible.add(site.resolveSibling("")));
        return List.copyOf(visible);
    }

    /// The part of `visible` that belongs to the interpreter itself.
    public List<Path> visible(String minor) {
        Interpreter interpreter = interpreters.require(minor);
        List<Path> visible = new ArrayList<>(List.of(bare(interpreter)));
        if (!interpreter.prefix().startsWith("/usr")
                || interpreter.prefix().startsWith("/usr/local")) {
            visible.add(interpreter.prefix());
        }
        return visible;
    }

    /// The read-only root file system of a container image, mounted by whoever built or found it.
    ///
    /// @param root as an image names it
    public Path rootFileSystem(String root) {
        return home.images().resolve(root).resolve("rootfs");
    }

    /// How its process is started, written when it was built.
    ///
    /// @throws UncheckedIOException if the image is not on this machine
    public ContainerSettings settings(String root) {
        try {
            return Json.MAPPER.readValue(
                    Files.readString(home.images().resolve(root).resolve("settings.json")),
                    ContainerSettings.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the container image is not on this machine", e);
        }
    }

    public Path layer(String key) {
        return home.layers().resolve(key);
    }

    /// A symbolic link that the builder points to the support layer in use.
    public Path supportLink(String minor) {
        return home.environments().resolve("support-" + minor);
    }

    private Path bare(Interpreter interpreter) {
        String identity = interpreter.path() + " " + interpreter.version();
        String name =
                "python-%s-%s"
                        .formatted(interpreter.minor(), Hashes.sha256Hex(identity).substring(0, 8));
        Path folder = home.environments().resolve(name);
        if (!Files.exists(folder)) {
            make(interpreter, folder);
        }
        return folder;
    }

    private void make(Interpreter interpreter, Path folder) {
        try {
            Files.createDirectories(home.environments());
            Path draft = Files.createTempDirectory(home.environments(), ".tmp-python-");
            try {
                write(interpreter, draft);
                Files.move(draft, folder, StandardCopyOption.ATOMIC_MOVE);
            } catch (FileSystemException e) {
                // Made by another thread in the same moment.
                if (!Files.exists(folder)) {
                    throw e;
                }
            } finally {
                Folders.delete(draft);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + folder, e);
        }
    }

    private static void write(Interpreter interpreter, Path draft) throws IOException {
        // protocol: PEP 405
        Files.writeString(
                draft.resolve("pyvenv.cfg"),
                "home = %s\ninclude-system-site-packages = false\nversion = %s\n"
                        .formatted(interpreter.path().resolveSibling(""), interpreter.version()));
        Path bin = Files.createDirectory(draft.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("python"), interpreter.path());
        Files.createSymbolicLink(bin.resolve("python3"), Path.of("python"));
        Files.createSymbolicLink(bin.resolve("python" + interpreter.minor()), Path.of("python"));
        Files.createDirectories(
                draft.resolve("lib/python%s/site-packages".formatted(interpreter.minor())));
        draft.toFile().setReadable(true, false);
        draft.toFile().setExecutable(true, false);
    }
}
