package mews.project;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mews.host.Command;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.host.UvSettings;
import mews.model.Refusal;
import org.tomlj.MutableTomlTable;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlVersion;
import org.tomlj.TomlWriteOptions;

/// Builds source distributions of local projects.
final class Sdists {
    private static final Duration PATIENCE = Duration.ofMinutes(30);

    /// What no build reads, and what may be huge.
    private static final Set<String> LEFT_OUT =
            Set.of(
                    ".venv",
                    "venv",
                    "node_modules",
                    "__pycache__",
                    ".tox",
                    ".nox",
                    ".mypy_cache",
                    ".ruff_cache",
                    ".pytest_cache");

    private final Path tools;
    private final Interpreters interpreters;
    private final Uv uv;

    Sdists(Path tools, Interpreters interpreters, Uv uv) {
        this.tools = tools;
        this.interpreters = interpreters;
        this.uv = uv;
    }

    /// @param project the name that `[project]` gives
    /// @param file `<name>-<version>.tar.gz`; the same content gives the same bytes
    record Sdist(String project, Path file) {}

    /// @param work an empty folder for what is made on the way
    Sdist build(Path folder, String pythonVersion, Path work, Consumer<String> progress)
            throws IOException {
        String text = projectText(folder);
        TomlParseResult toml = Toml.parse(text, TomlVersion.V1_1_0);
        if (toml.hasErrors()) {
            throw refused(folder, "its pyproject.toml is not TOML: " + toml.errors().getFirst());
        }
        String name = toml.get(List.of("project", "name")) instanceof String its ? its : null;
        if (name == null || name.isBlank()) {
            throw refused(
                    folder, "its pyproject.toml has no name in [project]; add name and version");
        }
        progress.accept("packaging " + name + " from " + folder);
        Path source = readable(folder, text, toml, work.resolve("source"));
        Path out = Files.createDirectories(work.resolve("out"));
        run(folder, source, out, pythonVersion, progress);
        Path built = only(folder, out);
        return new Sdist(name, StableArchive.rewrite(built, work.resolve(built.getFileName())));
    }

    private static String projectText(Path folder) throws IOException {
        Path file = folder.resolve(ProjectFile.NAME);
        if (!Files.isRegularFile(file)) {
            throw refused(
                    folder, "it has no pyproject.toml; add one with name and version in [project]");
        }
        return Files.readString(file);
    }

    /// The folder itself, or a copy whose project file every tool can read: build tools and pip
    /// know TOML 1.0 only.
    private static Path readable(Path folder, String text, TomlParseResult toml, Path copy)
            throws IOException {
        if (!Toml.parse(text, TomlVersion.V1_0_0).hasErrors()) {
            return folder;
        }
        copy(folder, copy, text.contains("scm") || text.contains("vcs"));
        Files.writeString(copy.resolve(ProjectFile.NAME), oldToml(toml));
        return copy;
    }

    /// The same file as TOML 1.0, without what only Mews and fal read.
    static String oldToml(TomlParseResult toml) {
        MutableTomlTable table = toml;
        table.remove(List.of("tool", "fal"));
        table.remove(List.of("tool", "mews"));
        return table.toToml(
                TomlWriteOptions.defaults()
                        .keep(TomlWriteOptions.Keep.NOTHING)
                        .withVersion(TomlVersion.V1_0_0));
    }

    private static void copy(Path from, Path to, boolean history) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes a)
                            throws IOException {
                        String name = String.valueOf(folder.getFileName());
                        boolean skipped =
                                LEFT_OUT.contains(name) || (name.equals(".git") && !history);
                        if (skipped && !folder.equals(from)) {
                            return FileVisitResult.SKIP_SUBTREE;
                        }
                        Files.createDirectories(to.resolve(from.relativize(folder)));
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        if (attributes.isRegularFile() || attributes.isSymbolicLink()) {
                            Files.copy(
                                    file,
                                    to.resolve(from.relativize(file)),
                                    LinkOption.NOFOLLOW_LINKS,
                                    StandardCopyOption.COPY_ATTRIBUTES);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private void run(
            Path folder, Path source, Path out, String pythonVersion, Consumer<String> progress) {
        Path binary = uv.ensure(tools);
        UvSettings settings = uv.settings();
        List<String> line = new ArrayList<>();
        line.addAll(List.of(binary.toString(), "build", "--sdist", "--out-dir", out.toString()));
        interpreters
                .find(pythonVersion)
                .map(Interpreter::path)
                .ifPresent(python -> line.addAll(List.of("--python", python.toString())));
        line.addAll(settings.arguments());
        line.add(source.toString());
        Command.Result result = Command.run(PATIENCE, SdkTool.variables(tools, settings), line);
        Stream.concat(result.out().lines(), result.err().lines()).forEach(progress);
        if (!result.ok()) {
            throw refused(folder, "uv build failed: " + result.err().strip());
        }
    }

    private static Path only(Path folder, Path out) throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            List<Path> archives =
                    files.filter(file -> file.toString().endsWith(".tar.gz")).toList();
            if (archives.size() != 1) {
                throw refused(
                        folder,
                        "uv build made %d archives, expected one".formatted(archives.size()));
            }
            return Objects.requireNonNull(archives.getFirst());
        }
    }

    private static Refusal refused(Path folder, String reason) {
        return new Refusal(Refusal.Kind.INVALID, "cannot package %s: %s".formatted(folder, reason));
    }
}
