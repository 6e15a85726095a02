package mews.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mews.model.Image;
import mews.model.Refusal;
import mews.sandbox.SandboxSpec;
import mews.sandbox.SandboxSpec.Bind;

/// An app's code on the Python of a container image, whose packages are the image's own.
record ImageRecipe(
        Ground ground,
        Runner runner,
        RunnerSource source,
        ContainerImage image,
        String python,
        Path support)
        implements Recipe {
    private static final String SOURCE = "/.mews/runner";
    private static final String SUPPORT = "/.mews/support";

    static ImageRecipe of(
            Ground ground, Runner runner, RunnerSource source, ContainerImage container)
            throws IOException {
        Image image = runner.order().revision().image();
        String python = container.settings().python();
        if (python == null) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "the image has no python on its PATH, and code of a ref or python_entry_point needs Python %s there; install it in the image, or deploy the image without code"
                            .formatted(image.pythonVersion()));
        }
        container.requireProgram("python", python);
        // One of this host with the same version compiles for the image's as well.
        Optional<Path> compiler = ground.environments().findInterpreter(image.pythonVersion());
        if (compiler.isPresent()) {
            source.compileFor(compiler.get());
        }
        return new ImageRecipe(
                ground, runner, source, container, python, HostRecipe.support(ground, image));
    }

    @Override
    public void layOut(Workplace place) throws IOException {
        place.makeForImage();
    }

    @Override
    public SandboxSpec process(Workplace place, Map<String, String> variables) {
        Map<String, String> environment = image.environment();
        environment.put("PYTHONUNBUFFERED", "1");
        environment.put("MEWS_RUNNER_DIR", place.insideSockets());
        List<Bind> binds = new ArrayList<>(List.of(place.bindSockets()));
        binds.addAll(place.bindData(Recipe.mounts(runner)));
        binds.add(new Bind(source.folder(), SOURCE, false));
        binds.add(new Bind(support, SUPPORT, false));
        Roots.bind(ground).forEach(binds::add);
        return new SandboxSpec(
                Recipe.name(runner),
                List.of(python, "-B", SOURCE + "/" + source.mainBelow()),
                environment,
                image.settings().workdir(),
                binds,
                SandboxSpec.Network.EGRESS,
                Recipe.limits(runner.order().machine()),
                runner.order().revision().app().owner(),
                Recipe.hosts(ground.addresses().get()),
                SandboxSpec.Reach.NOTHING_MORE,
                new SandboxSpec.Root(
                        image.files(),
                        place.changes(),
                        image.user().user(),
                        true,
                        image.settings().readOnly()));
    }

    @Override
    public StartMessage message(Workplace place, Map<String, String> variables) {
        return new StartMessage(
                runner.order().revision().spec(),
                image.overlaid(variables),
                List.of(),
                List.of(SUPPORT),
                image.settings().workdir());
    }
}
