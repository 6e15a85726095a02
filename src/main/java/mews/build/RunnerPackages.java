package mews.build;

import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import mews.host.EnvironmentLayout;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.model.MachineKind;

/// The packages that runners themselves need: one layer for each Python minor version.
public final class RunnerPackages {
    private final Interpreters interpreters;
    private final EnvironmentLayout layout;
    private final Uploaded uploaded;
    private final LayerStore store;
    private final LayerBuilds builds;

    RunnerPackages(
            Interpreters interpreters,
            EnvironmentLayout layout,
            Uploaded uploaded,
            LayerStore store,
            LayerBuilds builds) {
        this.interpreters = interpreters;
        this.layout = layout;
        this.uploaded = uploaded;
        this.store = store;
        this.builds = builds;
    }

    /// Makes them unless they are there.
    public void ensure(String minor, Consumer<String> say) throws InterruptedException {
        RequirementLayer layer = RequirementLayer.parse(Support.REQUIREMENTS);
        Interpreter interpreter = interpreters.require(minor);
        String wanted =
                LayerKey.of(Support.ACCOUNT, "", interpreter, MachineKind.CPU, layer, uploaded);
        Optional<String> known = store.locks().resolved(wanted).filter(store.shelf()::has);
        String key = known.isPresent() ? known.get() : make(wanted, minor, layer, say);
        if (!Files.exists(layout.supportLink(minor))
                || !layout.support(minor).equals(Optional.of(layout.layer(key).resolve("site")))) {
            store.shelf().link(layout.supportLink(minor), key);
        }
    }

    private String make(String wanted, String minor, RequirementLayer layer, Consumer<String> say)
            throws InterruptedException {
        LayerStore.Job job =
                new LayerStore.Job(
                        Support.ACCOUNT,
                        wanted,
                        "",
                        minor,
                        layer,
                        TorchChoice.NONE,
                        name -> Optional.empty(),
                        null,
                        false);
        say.accept("runner packages for Python %s: installing once".formatted(minor));
        try {
            return builds.make(job, line -> {});
        } catch (ExecutionException e) {
            throw LayerBuilds.refusal("the runner packages for Python " + minor, e);
        }
    }
}
