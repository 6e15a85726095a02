package mews.build.image;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.host.UvSettings;

/// Folders and files of this host that its own configuration of uv names, such as certificates and
/// local wheels, and where steps see them.
///
/// @param places by the path here, the one inside
record HostFiles(Map<String, String> places) {
    /// @param folder inside
    static HostFiles of(UvSettings settings, String folder) {
        Map<String, String> places = new LinkedHashMap<>();
        for (Path path : settings.files()) {
            if (Files.exists(path)) {
                places.put(path.toString(), "%s/host-%d".formatted(folder, places.size()));
            }
        }
        return new HostFiles(places);
    }

    /// A text with the paths as steps know them.
    String inside(String text) {
        String changed = text;
        for (Map.Entry<String, String> each : places.entrySet()) {
            changed = changed.replace(each.getKey(), each.getValue());
        }
        return changed;
    }

    List<ImageBuilder.Volume> volumes() {
        return places.entrySet().stream()
                .map(each ->
                        new ImageBuilder.Volume(
                                Path.of(each.getKey()), each.getValue(), ImageBuilder.Shown.FILES))
                .toList();
    }
}
