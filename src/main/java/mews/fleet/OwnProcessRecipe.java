package mews.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.host.Interpreter;
import mews.model.Refusal;
import mews.sandbox.SandboxSpec;
import mews.sandbox.SandboxSpec.Bind;

/// An image that is the app: its own process, in any language. A process of ours beside it, in its
/// network but with this host's files, tells when its port accepts and leads requests there.
record OwnProcessRecipe(
        Ground ground,
        Runner runner,
        RunnerSource source,
        ContainerImage image,
        List<String> command,
        Interpreter python)
        implements Recipe {
    /// Bytes go through it; it keeps none.
    private static final SandboxSpec.Limits LIMITS = new SandboxSpec.Limits(512L << 20, null, 64);

    /// Imported, so that it was compiled before.
    private static final String BESIDE =
            "import sys; sys.path.insert(0, sys.argv[1]); from mews_runner.beside import main; main()";

    static OwnProcessRecipe of(
            Ground ground, Runner runner, RunnerSource source, ContainerImage container)
            throws IOException {
        List<String> command =
                Stream.concat(
                                container.settings().entrypoint().stream(),
                                container.settings().command().stream())
                        .toList();
        if (command.isEmpty()) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "the image names no process to run; set entrypoint or cmd of the app's image, or ENTRYPOINT or CMD in its Dockerfile");
        }
        container.requireProgram("entrypoint", command.getFirst());
        Interpreter python = ground.environments().anyInterpreter();
        source.compileFor(ground.environments().interpreter(python.minor()));
        return new OwnProcessRecipe(ground, runner, source, container, command, python);
    }

    @Override
    public void layOut(Workplace place) throws IOException {
        place.makeForImage();
    }

    /// The variables are in its environment, for there is nobody else to hand them over.
    @Override
    public SandboxSpec process(Workplace place, Map<String, String> variables) {
        Map<String, String> environment = image.environment();
        environment.putAll(image.overlaid(variables));
        return new SandboxSpec(
                Recipe.name(runner),
                command,
                environment,
                image.settings().workdir(),
                Stream.concat(place.bindData(Recipe.mounts(runner)).stream(), Roots.bind(ground))
                        .toList(),
                SandboxSpec.Network.EGRESS,
                Recipe.limits(runner.order().machine()),
                runner.order().revision().app().owner(),
                Recipe.hosts(ground.addresses().get()),
                SandboxSpec.Reach.NOTHING_MORE,
                new SandboxSpec.Root(
                        image.files(),
                        place.changes(),
                        image.user().user(),
                        false,
                        image.settings().readOnly()));
    }

    @Override
    public SandboxSpec beside(Workplace place) {
        List<Bind> binds = new ArrayList<>(List.of(place.bindSockets()));
        ground.environments()
                .visible(python.minor())
                .forEach(path -> binds.add(Bind.readOnly(path)));
        binds.add(Bind.readOnly(source.folder()));
        Path interpreter = ground.environments().interpreter(python.minor());
        return new SandboxSpec(
                "b-" + Recipe.name(runner).substring(2),
                List.of(
                        interpreter.toString(),
                        "-I",
                        "-S",
                        "-B",
                        "-c",
                        BESIDE,
                        source.folder().toString()),
                Map.of("PATH", "/usr/bin:/bin", "MEWS_RUNNER_DIR", place.insideSockets()),
                "/",
                binds,
                SandboxSpec.Network.NONE,
                LIMITS,
                runner.order().revision().app().owner());
    }

    @Override
    public StartMessage message(Workplace place, Map<String, String> variables) {
        return new StartMessage(
                runner.order().revision().spec(), Map.of(), List.of(), List.of(), "/");
    }
}
