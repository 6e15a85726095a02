package mews.model;

import java.util.List;

/// A finished environment on this machine.
///
/// @param key content key; equal keys are the same environment
/// @param pythonVersion `major.minor` of the interpreter it was built with
/// @param layers keys of its layers, newest first; each names a folder below the state folder's
///   `layers/`
public record Image(String key, String pythonVersion, List<String> layers) {
    public Image {
        layers = List.copyOf(layers);
    }
}
