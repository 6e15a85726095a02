package mews.fleet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mews.model.Callable;
import mews.model.Image;
import mews.model.Refusal;
import mews.model.Revision;
import mews.model.RevisionSpec;
import mews.sandbox.SandboxSpec;

/// An app on this host's own system: an interpreter of the host, packages in layers.
record HostRecipe(Ground ground, Runner runner, RunnerSource source, Path interpreter, Path support)
        implements Recipe {
    static HostRecipe of(Ground ground, Runner runner, RunnerSource source) throws IOException {
        if (runner.order().revision().spec().callable() instanceof Callable.OwnProcess) {
            throw new Refusal(
                    Refusal.Kind.INVALID,
                    "the app has neither code nor a container image; give it a ref, a python_entry_point or an image");
        }
        Image image = runner.order().revision().image();
        Path interpreter = ground.environments().interpreter(image);
        source.compileFor(interpreter);
        return new HostRecipe(ground, runner, source, interpreter, support(ground, image));
    }

    /// @throws Refusal if no environment of that Python was built here since it was removed
    static Path support(Ground ground, Image image) {
        return ground.environments()
                .support(image.pythonVersion())
                .orElseThrow(() ->
                        new Refusal(
                                Refusal.Kind.FAILED_PRECONDITION,
                                "this server lacks its own packages for Python %s; build an environment of that version again"
                                        .formatted(image.pythonVersion())));
    }

    @Override
    public void layOut(Workplace place) throws IOException {
        place.make(runner.order().revision().spec().files(), ground.blobs());
    }

    @Override
    public SandboxSpec process(Workplace place, Map<String, String> variables) {
        Revision revision = runner.order().revision();
        return Launch.of(ground, source, revision)
                .runner(runner.id(), place, Recipe.limits(runner.order().machine()));
    }

    @Override
    public StartMessage message(Workplace place, Map<String, String> variables) {
        RevisionSpec spec = runner.order().revision().spec();
        List<Path> layers = ground.environments().pythonPath(runner.order().revision().image());
        // The app's own code looks for its files in /app, which a plain process cannot be given.
        Stream<String> files =
                !place.apart() && !spec.files().isEmpty()
                        ? Stream.of(place.insideApp())
                        : Stream.empty();
        return new StartMessage(
                spec,
                variables,
                Stream.concat(layers.stream().map(Path::toString), files).toList(),
                List.of(support.toString()),
                spec.files().isEmpty() ? place.insideHome() : place.insideApp());
    }
}
