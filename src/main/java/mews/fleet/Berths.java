package mews.fleet;

import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.function.Function;
import mews.sandbox.SandboxProcess;
import mews.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// How the process of a runner comes to be: taken from the forks that wait, forked, or started.
/// Each then waits for the same start message. Thread-safe.
final class Berths {
    private final Ground ground;
    private final RunnerSource source;
    private final WarmParents parents;
    private final Tolerance tolerance;

    Berths(Ground ground, RunnerSource source, WarmParents parents, Tolerance tolerance) {
        this.ground = ground;
        this.source = source;
        this.parents = parents;
        this.tolerance = tolerance;
    }

    /// @throws mews.model.Refusal if something that the app needs is missing here
    Recipe recipe(Runner runner) throws IOException {
        return Recipe.of(ground, runner, source);
    }

    /// @param secrets of the app, by name
    /// @param variables of the app, once its place is known
    /// @param plainly whether it must not be forked
    /// @throws IOException if something that it needs cannot be made, saying what
    Berth take(
            Runner runner,
            Recipe recipe,
            Map<String, String> secrets,
            Function<Workplace, Map<String, String>> variables,
            boolean plainly)
            throws IOException {
        RunnerOrder order = runner.order();
        if (!plainly && tolerance.mayFork(order.revision().id())) {
            @Nullable Berth warm = parents.take(order, secrets, Recipe.limits(order.machine()));
            if (warm != null) {
                return warm;
            }
        }
        return plain(runner, recipe, variables);
    }

    private Berth plain(
            Runner runner, Recipe recipe, Function<Workplace, Map<String, String>> variables)
            throws IOException {
        String account = runner.order().revision().app().owner();
        boolean apart = ground.sandbox().separateFiles();
        Closing closing = new Closing(runner.id());
        try {
            Workplace place = Workplace.of(ground.home(), runner.id(), account, apart);
            closing.later("folders", place::remove);
            recipe.layOut(place);
            ControlLink link = ControlLink.listenIn(place, ground, account, closing);
            SandboxSpec spec =
                    GpuAccess.into(
                            recipe.process(place, variables.apply(place)),
                            ground.gpus().of(runner.id()));
            Instant launched = ground.clock().instant();
            SandboxProcess process = ground.sandbox().start(spec);
            return new Berth(place, link, process, Way.PLAIN, false, launched, closing);
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }
}
