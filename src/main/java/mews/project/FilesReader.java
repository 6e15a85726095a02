package mews.project;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// Reads `app_files` and what belongs to it.
final class FilesReader {
    private final Fields fields;
    private final Path folder;
    private final @Nullable Target target;

    FilesReader(Fields fields, Path folder, @Nullable Target target) {
        this.fields = fields;
        this.folder = folder;
        this.target = target;
    }

    ProjectApp.LocalFiles read() {
        List<String> paths = fields.texts("app_files");
        List<String> ignore = fields.texts("app_files_ignore");
        Path context = contextDir();
        if (ignore != null) {
            ignore.forEach(this::checkRegex);
        }
        if (paths != null && !paths.isEmpty() && fields.has("image")) {
            fields.error(
                    "app_files",
                    "conflict",
                    "'app_files' does not work with 'image'",
                    "COPY the files in the Dockerfile");
        } else if (paths != null) {
            paths.forEach(path -> checkPath(path, context));
        }
        return new ProjectApp.LocalFiles(paths, ignore, context);
    }

    private @Nullable Path contextDir() {
        String text = fields.word("app_files_context_dir");
        if (fields.has("app_files_context_dir") && !fields.has("app_files")) {
            fields.error(
                    "app_files_context_dir",
                    "conflict",
                    "'app_files_context_dir' is given without 'app_files'",
                    "add app_files, or remove it");
            return null;
        }
        if (text == null) {
            return null;
        }
        Path context = fields.path("app_files_context_dir", folder, text);
        if (context != null && !Files.isDirectory(context)) {
            fields.error("app_files_context_dir", "not_found", "no folder at " + context, null);
        }
        return context;
    }

    private void checkRegex(String regex) {
        try {
            AppFiles.pattern(regex);
        } catch (PatternSyntaxException e) {
            fields.error(
                    "app_files_ignore",
                    "out_of_range",
                    "'app_files_ignore' holds '%s', which is no regular expression: %s"
                            .formatted(regex, e.getDescription()),
                    regex.startsWith("*")
                            ? "it is a regex, not a glob: write \"\\\\.ext$\""
                            : null);
        }
    }

    /// The class may set its own `app_files`, which win; but then these say nothing at all.
    private void checkPath(String path, @Nullable Path context) {
        Path base = context != null ? context : AppFiles.base(folder, target);
        Path resolved = fields.path("app_files", base, path);
        if (resolved == null || Files.exists(resolved)) {
            return;
        }
        Path other = folder.resolve(path).normalize();
        boolean elsewhere = !other.equals(resolved) && Files.exists(other);
        fields.error(
                "app_files",
                "not_found",
                "'app_files' names '%s', and there is nothing at %s".formatted(path, resolved),
                elsewhere
                        ? "%s exists: set app_files_context_dir = \".\"".formatted(other)
                        : "paths are relative to " + base);
    }
}
