package mews.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What an app needs to run, as the developer's side sent it. May hold tokens: stored sealed, shown
/// masked. protocol: control 4.1
///
/// @param kind `virtualenv` or `container`
/// @param pythonVersion `major.minor`
/// @param requirements install steps in order; each a list of arguments as pip takes them
/// @param resolver `uv`, or absent
/// @param image the image table for containers; empty for `virtualenv`
public record EnvironmentSpec(
        String kind,
        String pythonVersion,
        List<List<String>> requirements,
        @Nullable String resolver,
        Map<String, Object> image) {
    public EnvironmentSpec {
        requirements = requirements.stream().map(List::copyOf).toList();
        image = Map.copyOf(image);
    }

    @Override
    public String toString() {
        return "EnvironmentSpec[%s, Python %s]".formatted(kind, pythonVersion);
    }
}
