package mews.project;

import mews.model.MachineCatalog;
import org.jspecify.annotations.Nullable;

/// What fields of one app mean together: contradictions, and settings that will have no effect.
final class AppRules {
    private static final int SERVE_PORT = 8080;

    private final Fields fields;
    private final Target target;

    AppRules(Fields fields, Target target) {
        this.fields = fields;
        this.target = target;
    }

    void check(
            ProjectApp.Machine machine,
            ProjectApp.Scaling scaling,
            ProjectApp.Serving serving,
            ProjectApp.@Nullable ImageTable image) {
        minAboveMax(scaling);
        gpusWithoutGpu(machine);
        switch (target) {
            case Target.Ref ignored -> refSurprises(serving.exposedPort());
            case Target.EntryPoint ignored -> {}
            case Target.ImageOnly ignored -> imageOnly();
        }
        if (image != null && !(target instanceof Target.ImageOnly)) {
            unusedOverride("entrypoint", image.entrypoint());
            unusedOverride("cmd", image.cmd());
        }
    }

    private void minAboveMax(ProjectApp.Scaling scaling) {
        Integer min = scaling.minConcurrency();
        Integer max = scaling.maxConcurrency();
        if (min != null && max != null && min > max) {
            fields.error(
                    "min_concurrency",
                    "out_of_range",
                    "'min_concurrency' (%d) must not exceed 'max_concurrency' (%d)"
                            .formatted(min, max),
                    null);
        }
    }

    private void gpusWithoutGpu(ProjectApp.Machine machine) {
        boolean cpuOnly =
                !machine.types().isEmpty()
                        && machine.types().stream()
                                .allMatch(type -> MachineCatalog.standard().find(type).isPresent());
        if (machine.numGpus() != null && cpuOnly) {
            fields.warn(
                    "num_gpus",
                    "ignored",
                    "'num_gpus' has no effect on the machine type '%s'"
                            .formatted(String.join("', '", machine.types())),
                    null);
        }
    }

    private void refSurprises(@Nullable Integer port) {
        if (fields.has("requirements")) {
            fields.warn(
                    "requirements",
                    "ignored",
                    "'requirements' of the file are ignored for an app class: its own attribute wins",
                    "set `requirements` on the class");
        }
        if (port != null && port != SERVE_PORT) {
            fields.warn(
                    "exposed_port",
                    "ignored",
                    "an app class always listens on 8080; requests to port %d would find nobody"
                            .formatted(port),
                    "remove 'exposed_port'");
        }
    }

    private void imageOnly() {
        if (!fields.has("exposed_port")) {
            fields.warn(
                    "image",
                    "ignored",
                    "an image without 'ref' or 'python_entry_point' gets no URL unless"
                            + " 'exposed_port' says where it listens",
                    "add exposed_port = 8080");
        }
    }

    private void unusedOverride(String key, @Nullable Object value) {
        if (value != null) {
            fields.warn(
                    "image",
                    "ignored",
                    "'image.%s' is unused: the Python app is the runner's process".formatted(key),
                    null);
        }
    }
}
