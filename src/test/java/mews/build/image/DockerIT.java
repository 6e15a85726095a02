package mews.build.image;

import mews.testing.DockerHere;

/// Builds where Docker Engine is the builder.
@DockerHere
class DockerIT extends AnotherBuilder {
    DockerIT() {
        super("docker");
    }
}
