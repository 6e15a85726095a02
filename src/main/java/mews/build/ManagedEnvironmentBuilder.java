package mews.build;

import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import mews.account.Secrets;
import mews.base.Hashes;
import mews.host.EnvironmentLayout;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.MachineKind;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Environments of kind `virtualenv`: each install step is a layer, a folder that is made once and
/// mounted ever after.
public final class ManagedEnvironmentBuilder implements EnvironmentBuilder {
    private final Interpreters interpreters;
    private final EnvironmentLayout layout;
    private final Secrets secrets;
    private final Uploaded uploaded;
    private final LayerStore store;
    private final InstantSource clock;
    private final ConcurrentMap<String, LayerBuild> running = new ConcurrentHashMap<>();

    public ManagedEnvironmentBuilder(
            Interpreters interpreters,
            EnvironmentLayout layout,
            Secrets secrets,
            Uploaded uploaded,
            LayerStore store,
            InstantSource clock) {
        this.interpreters = interpreters;
        this.layout = layout;
        this.secrets = secrets;
        this.uploaded = uploaded;
        this.store = store;
        this.clock = clock;
    }

    @Override
    public Image build(Order order, Consumer<LogLine> lines) throws InterruptedException {
        Consumer<String> say = line -> lines.accept(line(order, LogLine.Level.INFO, line));
        Plan plan = plan(order);
        say.accept(
                "Python %s (%s)"
                        .formatted(plan.interpreter().version(), plan.interpreter().path()));
        support(plan.interpreter().minor(), say);
        Function<String, Optional<String>> find =
                name -> secrets.find(order.account(), order.environment(), name);
        for (int i = 0; i < plan.layers().size(); i++) {
            LayerStore.Job job = plan.job(order.account(), i, find);
            String name =
                    plan.layers().size() == 1
                            ? "packages"
                            : "layer %d of %d".formatted(i + 1, plan.layers().size());
            if (store.has(job.key()) && !order.force()) {
                say.accept("%s: cached (%s)".formatted(name, job.key().substring(0, 12)));
                continue;
            }
            say.accept(
                    "%s: installing %s"
                            .formatted(
                                    name,
                                    UrlMask.forPeople(String.join(", ", job.layer().packages()))));
            make(order, job, lines, say);
        }
        return plan.image();
    }

    @Override
    public @Nullable Image find(Order order) {
        Plan plan = plan(order);
        boolean complete =
                plan.keys().stream().allMatch(store::has)
                        && layout.support(plan.interpreter().minor()).isPresent();
        return complete ? plan.image() : null;
    }

    /// Makes the packages of runners of a Python minor version, unless they are there.
    private void support(String minor, Consumer<String> say) throws InterruptedException {
        RequirementLayer layer = RequirementLayer.parse(Support.REQUIREMENTS);
        Interpreter interpreter = interpreters.require(minor);
        String key =
                LayerKey.of(Support.ACCOUNT, "", interpreter, MachineKind.CPU, layer, uploaded);
        LayerStore.Job job =
                new LayerStore.Job(
                        Support.ACCOUNT, key, "", minor, layer, name -> Optional.empty());
        if (!store.has(key)) {
            say.accept("runner packages for Python %s: installing once".formatted(minor));
            try {
                await(job, line -> {});
            } catch (ExecutionException e) {
                throw failure("the runner packages for Python " + minor, e);
            }
        }
        if (!Files.exists(layout.supportLink(minor))
                || !layout.support(minor).equals(Optional.of(layout.layer(key).resolve("site")))) {
            store.link(layout.supportLink(minor), key);
        }
    }

    private void make(
            Order order, LayerStore.Job job, Consumer<LogLine> lines, Consumer<String> say)
            throws InterruptedException {
        try {
            await(job, say);
        } catch (ExecutionException e) {
            String what =
                    order.app() == null
                            ? "the environment"
                            : "the environment of app '%s'".formatted(order.app());
            Refusal refusal = failure(what, e);
            for (String line : refusal.getMessage().lines().toList()) {
                lines.accept(line(order, LogLine.Level.ERROR, line));
            }
            throw refusal;
        }
    }

    private void await(LayerStore.Job job, Consumer<String> say)
            throws ExecutionException, InterruptedException {
        while (true) {
            LayerBuild[] mine = new LayerBuild[1];
            LayerBuild build =
                    running.computeIfAbsent(
                            job.key(),
                            key -> {
                                mine[0] = new LayerBuild(key, say2 -> store.make(job, say2));
                                return mine[0];
                            });
            if (!build.join(say)) {
                running.remove(job.key(), build);
                continue;
            }
            if (build == mine[0]) {
                build.start();
            }
            try {
                build.await(say);
                return;
            } finally {
                if (build.ended()) {
                    running.remove(job.key(), build);
                }
            }
        }
    }

    private static Refusal failure(String what, ExecutionException e) {
        return switch (e.getCause()) {
            case Refusal refusal -> refusal;
            case Installer.Failed failed ->
                    new Refusal(
                            Refusal.Kind.INVALID,
                            "%s cannot be built:\n%s".formatted(what, failed.explanation()));
            case RuntimeException broken -> throw broken;
            case null, default ->
                    throw new IllegalStateException(what + " cannot be built", e.getCause());
        };
    }

    private Plan plan(Order order) {
        if (!order.spec().kind().equals("virtualenv") || !order.spec().image().isEmpty()) {
            throw new Refusal(Refusal.Kind.UNSUPPORTED, unsupported(order.spec().kind()));
        }
        Interpreter interpreter = interpreters.require(order.spec().pythonVersion());
        List<RequirementLayer> layers = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        String parent = "";
        for (List<String> step : order.spec().requirements()) {
            RequirementLayer layer = RequirementLayer.parse(step);
            if (layer.packages().isEmpty()) {
                continue;
            }
            parent =
                    LayerKey.of(
                            order.account(), parent, interpreter, order.machine(), layer, uploaded);
            layers.add(layer);
            keys.add(parent);
        }
        return new Plan(interpreter, layers, keys);
    }

    private static String unsupported(String kind) {
        return kind.equals("conda")
                ? "environments of kind 'conda' are not supported; list the packages in requirements (kind 'virtualenv'), or bring a container image once this server builds them"
                : "environments from container images are not supported by this version; list the packages in requirements (kind 'virtualenv')";
    }

    private LogLine line(Order order, LogLine.Level level, String message) {
        return new LogLine(
                clock.instant(),
                level,
                LogLine.Source.BUILDER,
                order.account(),
                null,
                null,
                null,
                null,
                message);
    }

    /// What an order comes to on this host.
    ///
    /// @param keys of `layers`, in the same order
    private record Plan(Interpreter interpreter, List<RequirementLayer> layers, List<String> keys) {
        LayerStore.Job job(String account, int at, Function<String, Optional<String>> find) {
            String parent = at == 0 ? "" : keys.get(at - 1);
            return new LayerStore.Job(
                    account, keys.get(at), parent, interpreter.minor(), layers.get(at), find);
        }

        Image image() {
            String top = keys.isEmpty() ? interpreter.platform() : keys.getLast();
            return new Image(
                    Hashes.sha256Hex(top).substring(0, 40), interpreter.minor(), keys.reversed());
        }
    }
}
