package mews.build.image;

import mews.testing.ContainersHere;

/// Builds where Docker Engine is the builder.
@ContainersHere
class DockerIT extends AnotherBuilder {
    DockerIT() {
        super("docker");
    }
}
