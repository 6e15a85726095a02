package mews.project;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The image table of a project file as an environment definition carries it. protocol: control 4.3
final class ImageDictionary {
    private ImageDictionary() {}

    /// @return null for a managed environment
    static @Nullable Map<String, Object> of(ProjectApp app) {
        ProjectApp.ImageTable table = app.image();
        if (table == null) {
            return null;
        }
        Map<String, Object> image = new LinkedHashMap<>();
        if (table.dockerfile() != null) {
            dockerfile(image, table, table.dockerfile(), app.folder());
        } else {
            image.put("image", String.valueOf(table.reference()));
            if (!table.registries().isEmpty()) {
                image.put("registries", table.registries());
            }
        }
        put(image, "entrypoint", table.entrypoint());
        put(image, "cmd", table.cmd());
        if (app.target() instanceof Target.ImageOnly) {
            image.put("use_isolate", false);
        }
        return image;
    }

    /// The settings of compression are what the official client always says.
    private static void dockerfile(
            Map<String, Object> image, ProjectApp.ImageTable table, Path file, Path context) {
        String text = text(file);
        image.put("dockerfile_str", text);
        image.put("build_args", table.buildArgs());
        image.put("registries", table.registries());
        image.put("compression", "gzip");
        image.put("force_compression", false);
        image.put("secrets", table.secrets());
        image.put("docker_context_dir", context.toString());
        List<String> copied =
                Dockerfile.sources(text).stream()
                        .filter(Dockerfile.Source::copied)
                        .map(source -> source.path().replaceFirst("^/+", ""))
                        .toList();
        image.put("docker_files_list", copied);
        image.put("docker_ignore", IgnoreRules.ofContext(context).regexes());
    }

    /// The context that the table's Dockerfile is built in; nothing for an existing image.
    static Brought context(ProjectApp app) {
        ProjectApp.ImageTable table = app.image();
        return table == null || table.dockerfile() == null
                ? AppFiles.Selection.NONE
                : new BuildContext(
                        app.folder(),
                        text(table.dockerfile()),
                        IgnoreRules.ofContext(app.folder()));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static void put(Map<String, Object> image, String key, @Nullable Object value) {
        if (value != null) {
            image.put(key, value);
        }
    }
}
