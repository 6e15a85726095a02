package mews.project;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;

/// Reads requirements and the Python version.
final class CodeReader {
    private static final String SHAPE = "a list of strings or a list of lists of strings";
    private static final Pattern PYTHON = Pattern.compile("(3\\.\\d{1,2})(\\.\\d{1,3})?");

    private final Fields fields;
    private final Path folder;

    CodeReader(Fields fields, Path folder) {
        this.fields = fields;
        this.folder = folder;
    }

    ProjectApp.Code read() {
        Path context = contextDir();
        return new ProjectApp.Code(
                requirements(context),
                context,
                fields.has("requirements_context_dir"),
                pythonVersion());
    }

    private Path contextDir() {
        String text = fields.word("requirements_context_dir");
        if (text == null) {
            return folder;
        }
        Path context = fields.path("requirements_context_dir", folder, text);
        if (context == null) {
            return folder;
        }
        if (!Files.isDirectory(context)) {
            fields.error("requirements_context_dir", "not_found", "no folder at " + context, null);
        }
        return context;
    }

    private ProjectApp.@Nullable Requirements requirements(Path context) {
        TomlArray array = fields.array("requirements", SHAPE);
        if (array == null) {
            return null;
        }
        boolean layered = !array.isEmpty() && array.get(0) instanceof TomlArray;
        List<List<String>> layers = new ArrayList<>();
        if (!layered) {
            List<String> flat = mixed(array) ? null : fields.strings("requirements", array);
            if (flat == null) {
                return null;
            }
            layers.add(flat);
        } else {
            for (int i = 0; i < array.size(); i++) {
                List<String> layer = layer(array, i);
                if (layer == null) {
                    return null;
                }
                layers.add(layer);
            }
        }
        layers.forEach(layer -> checkPaths(layer, context));
        layers.forEach(layer -> checkLinks(layer, context));
        return new ProjectApp.Requirements(layers, layered);
    }

    private boolean mixed(TomlArray array) {
        for (int i = 0; i < array.size(); i++) {
            if (array.get(i) instanceof TomlArray) {
                mixedAt(array, i);
                return true;
            }
        }
        return false;
    }

    private @Nullable List<String> layer(TomlArray array, int index) {
        if (array.get(index) instanceof TomlArray layer) {
            return fields.strings("requirements", layer);
        }
        mixedAt(array, index);
        return null;
    }

    private void mixedAt(TomlArray array, int index) {
        fields.errorAt(
                array.inputPositionOf(index),
                "wrong_type",
                "'requirements' must be %s, not both; element %d is %s"
                        .formatted(SHAPE, index + 1, Fields.described(array.get(index))),
                "make every element a list, one per install step");
    }

    /// An entry that looks like a path must be a folder of this machine: the builder sees no other.
    private void checkPaths(List<String> layer, Path context) {
        for (int i = 0; i < layer.size(); i++) {
            String entry = layer.get(i);
            if (entry.isBlank()) {
                fields.error(
                        "requirements",
                        "out_of_range",
                        "'requirements' holds an empty entry",
                        null);
            } else if (LocalRequirement.looksLocal(layer, i)
                    && LocalRequirement.of(layer, i, context).isEmpty()) {
                noFolder(
                        entry,
                        fields.path("requirements", context, LocalRequirement.pathPart(entry)));
            }
        }
    }

    /// A folder that the layer takes archives from must have some.
    private void checkLinks(List<String> layer, Path context) {
        for (String place : LinkOperands.in(layer)) {
            try {
                LinkFolder.of(place, context);
            } catch (Refusal e) {
                fields.error("requirements", "not_found", String.valueOf(e.getMessage()), null);
            }
        }
    }

    private void noFolder(String entry, @Nullable Path path) {
        if (path == null) {
            return;
        }
        String what = Files.exists(path) ? "it is not a folder" : "there is none";
        fields.error(
                "requirements",
                "not_found",
                "requirement '%s' names the folder %s, and %s".formatted(entry, path, what),
                "paths are relative to the project file, or to 'requirements_context_dir'");
    }

    private @Nullable String pythonVersion() {
        Object value = fields.raw("python_version");
        if (value instanceof Double number) {
            fields.error(
                    "python_version",
                    "wrong_type",
                    "'python_version' must be a string, was the number " + number,
                    "write it in quotes, or 3.10 becomes 3.1: python_version = \"%s\""
                            .formatted(number));
            return null;
        }
        String text = fields.text("python_version");
        if (text == null) {
            return null;
        }
        Matcher version = PYTHON.matcher(text.strip());
        if (!version.matches()) {
            fields.error(
                    "python_version",
                    "out_of_range",
                    "'python_version' must be major.minor such as \"3.12\", was '%s'"
                            .formatted(text),
                    null);
            return null;
        }
        return version.group(1);
    }
}
