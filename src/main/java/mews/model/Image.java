package mews.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A finished environment on this machine.
///
/// @param key content key; equal keys are the same environment
/// @param pythonVersion `major.minor` of the interpreter it was built with
/// @param layers keys of its layers, newest first; each names a folder below the state folder's
///   `layers/`
/// @param root of a container: names a folder below the state folder's `images/`; null for an
///   environment on the host's own system
public record Image(String key, String pythonVersion, List<String> layers, @Nullable String root) {
    public Image {
        layers = List.copyOf(layers);
    }

    public Image(String key, String pythonVersion, List<String> layers) {
        this(key, pythonVersion, layers, null);
    }
}
