package mews.project;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Reads what an app runs: `ref`, `python_entry_point`, or its image alone.
final class TargetReader {
    private static final Pattern SYMBOL =
            Pattern.compile("[^\\W\\d]\\w*", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern DOTTED =
            Pattern.compile("[^\\W\\d]\\w*(\\.[^\\W\\d]\\w*)*", Pattern.UNICODE_CHARACTER_CLASS);

    private final Fields fields;
    private final Path folder;

    TargetReader(Fields fields, Path folder) {
        this.fields = fields;
        this.folder = folder;
    }

    @Nullable Target read() {
        String ref = fields.word("ref");
        String entryPoint = fields.word("python_entry_point");
        if (fields.has("ref") && fields.has("python_entry_point")) {
            fields.error(
                    "python_entry_point",
                    "conflict",
                    "%s has both 'ref' and 'python_entry_point'".formatted(fields.where()),
                    "keep 'ref' for a file, 'python_entry_point' for an installed package");
            return null;
        }
        if (ref != null) {
            return ref(ref);
        }
        if (entryPoint != null) {
            return entryPoint(entryPoint);
        }
        if (fields.has("ref") || fields.has("python_entry_point")) {
            return null;
        }
        if (fields.has("image")) {
            return new Target.ImageOnly();
        }
        fields.missing(
                "%s does not say what to run".formatted(fields.where()),
                "add ref = \"src/app.py::MyApp\", python_entry_point = \"package.module:MyApp\", or"
                        + " an image table");
        return null;
    }

    private @Nullable Target ref(String text) {
        int mark = text.indexOf("::");
        String path = mark < 0 ? text : text.substring(0, mark);
        String symbol = mark < 0 ? null : text.substring(mark + 2);
        if (!path.endsWith(".py") || (symbol != null && !SYMBOL.matcher(symbol).matches())) {
            fields.error(
                    "ref",
                    "out_of_range",
                    "'ref' must be 'path/file.py::Symbol' or 'path/file.py', was '%s'"
                            .formatted(text),
                    betterRef(text));
            return null;
        }
        Path file = fields.path("ref", folder, path);
        if (file == null) {
            return null;
        }
        if (!Files.isRegularFile(file)) {
            fields.error("ref", "not_found", "no file at " + file, neighbour(file));
        }
        return new Target.Ref(text, file, symbol);
    }

    private static @Nullable String betterRef(String text) {
        return text.matches("[^:]+\\.py:[^:]+")
                ? "write ref = \"%s\"".formatted(text.replace(":", "::"))
                : text.matches("[\\w.]+:\\w+")
                        ? "a module path goes into 'python_entry_point'"
                        : null;
    }

    private static @Nullable String neighbour(Path file) {
        Path parent = file.getParent();
        Path name = file.getFileName();
        if (parent == null || name == null || !Files.isDirectory(parent)) {
            return null;
        }
        try (Stream<Path> entries = Files.list(parent)) {
            List<String> names =
                    entries.map(entry -> String.valueOf(entry.getFileName()))
                            .filter(entry -> entry.endsWith(".py"))
                            .limit(1000)
                            .toList();
            return Nearest.to(name.toString(), names)
                    .map(near -> "did you mean '" + near + "'?")
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    private @Nullable Target entryPoint(String text) {
        String[] parts = text.split(":", 2);
        if (parts.length == 2
                && DOTTED.matcher(parts[0]).matches()
                && DOTTED.matcher(parts[1]).matches()) {
            return new Target.EntryPoint(parts[0], parts[1]);
        }
        fields.error(
                "python_entry_point",
                "out_of_range",
                "'python_entry_point' must be 'module:symbol', was '%s'".formatted(text),
                text.contains(".py")
                        ? "a file goes into 'ref'"
                        : text.contains("::")
                                ? "write python_entry_point = \"%s\""
                                        .formatted(text.replace("::", ":"))
                                : null);
        return null;
    }
}
