package mews.build.image;

import mews.testing.ContainersHere;

/// Builds where podman is the builder.
@ContainersHere
class PodmanIT extends AnotherBuilder {
    PodmanIT() {
        super("podman");
    }
}
