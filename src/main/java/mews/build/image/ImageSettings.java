package mews.build.image;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.model.ContainerSettings;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// How the process of an image is started, read from its configuration. Protocol: OCI image
/// configuration.
final class ImageSettings {
    private ImageSettings() {}

    /// @param image whose configuration counts
    /// @param digest of what is run
    static ContainerSettings of(
            ImageFiles.Stored image,
            String digest,
            ImageTable table,
            @Nullable ImagePython python) {
        JsonNode config = image.configuration().path("config");
        @Nullable List<String> entrypoint = table.entrypoint();
        @Nullable List<String> command = table.command();
        // Another entry point would not know what to do with the image's own arguments.
        List<String> otherwise = entrypoint == null ? words(config.path("Cmd")) : List.of();
        String workdir = config.path("WorkingDir").asString("");
        return new ContainerSettings(
                digest,
                environment(image),
                entrypoint == null ? words(config.path("Entrypoint")) : entrypoint,
                command == null ? otherwise : command,
                config.path("User").asString(""),
                workdir.startsWith("/") ? workdir : "/" + workdir,
                python == null ? null : python.path(),
                table.readOnly());
    }

    static Map<String, String> environment(ImageFiles.Stored image) {
        Map<String, String> environment = new LinkedHashMap<>();
        for (JsonNode variable : image.configuration().path("config").path("Env")) {
            String[] halves = variable.asString("").split("=", 2);
            environment.put(halves[0], halves.length == 2 ? halves[1] : "");
        }
        return environment;
    }

    private static List<String> words(JsonNode list) {
        List<String> words = new ArrayList<>();
        list.forEach(word -> words.add(word.asString("")));
        return words;
    }
}
