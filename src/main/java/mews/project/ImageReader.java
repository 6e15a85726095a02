package mews.project;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads an `image` table.
final class ImageReader {
    private final Fields fields;
    private final Path folder;

    ImageReader(Fields fields, Path folder) {
        this.fields = fields;
        this.folder = folder;
    }

    ProjectApp.@Nullable ImageTable read() {
        Path dockerfile = dockerfile();
        String reference = fields.word("image");
        Map<String, String> buildArgs = fields.textTable("build_args");
        Map<String, String> secrets = fields.textTable("secrets");
        Map<String, Map<String, String>> registries = registries();
        Object entrypoint = fields.textOrTexts("entrypoint");
        Object cmd = fields.textOrTexts("cmd");
        boolean sound = exclusions();
        fields.finish();
        if (!sound || (dockerfile == null && reference == null)) {
            return null;
        }
        return new ProjectApp.ImageTable(
                dockerfile, reference, buildArgs, registries, secrets, entrypoint, cmd);
    }

    private @Nullable Path dockerfile() {
        String path = fields.word("dockerfile");
        if (path == null) {
            return null;
        }
        Path file = fields.path("dockerfile", folder, path);
        if (file != null && !Files.isRegularFile(file)) {
            fields.error("dockerfile", "not_found", "no Dockerfile at " + file, null);
        }
        return file;
    }

    private boolean exclusions() {
        boolean dockerfile = fields.has("dockerfile");
        boolean image = fields.has("image");
        if (dockerfile && image) {
            fields.error(
                    "image",
                    "conflict",
                    "%s has both 'dockerfile' and 'image'".formatted(fields.where()),
                    "keep the one to use");
            return false;
        }
        if (!dockerfile && !image) {
            fields.missing(
                    "%s needs 'dockerfile' or 'image'".formatted(fields.where()),
                    "add dockerfile = \"Dockerfile\", or image = \"name:tag\"");
            return false;
        }
        for (String key : dockerfile ? new String[0] : new String[] {"build_args", "secrets"}) {
            if (fields.has(key)) {
                fields.error(
                        key,
                        "conflict",
                        "'%s' in %s works only with 'dockerfile'".formatted(key, fields.where()),
                        "an existing image is not built; remove it");
            }
        }
        return true;
    }

    private Map<String, Map<String, String>> registries() {
        Map<String, Map<String, String>> registries = new LinkedHashMap<>();
        Fields tables = fields.table("registries");
        if (tables == null) {
            return registries;
        }
        for (String name : tables.keys()) {
            Fields registry = tables.table(name);
            if (registry == null) {
                continue;
            }
            String username = credential(registry, "username", name);
            String password = credential(registry, "password", name);
            registry.finish();
            if (username != null && password != null) {
                registries.put(name, Map.of("username", username, "password", password));
            }
        }
        return registries;
    }

    private static @Nullable String credential(Fields registry, String key, String name) {
        if (!registry.has(key)) {
            registry.missing(
                    "registry '%s' has no '%s'".formatted(name, key),
                    "a registry needs username and password; \"$NAME\" takes a stored secret");
        }
        return registry.text(key);
    }
}
