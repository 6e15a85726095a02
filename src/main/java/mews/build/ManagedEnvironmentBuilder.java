package mews.build;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import mews.account.Secrets;
import mews.base.Hashes;
import mews.host.EnvironmentLayout;
import mews.host.Interpreter;
import mews.host.Interpreters;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Environments of kind `virtualenv`: each install step is a layer, a folder that is made once and
/// mounted ever after.
public final class ManagedEnvironmentBuilder implements EnvironmentBuilder {
    private final Fetcher fetcher;
    private final Interpreters interpreters;
    private final EnvironmentLayout layout;
    private final Secrets secrets;
    private final Uploaded uploaded;
    private final LayerShelf shelf;
    private final LockTable locks;
    private final LayerBuilds builds;
    private final RunnerPackages support;
    private final BuildSettings settings;
    private final InstantSource clock;

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
        this.fetcher = store.fetcher();
        this.shelf = store.shelf();
        this.locks = store.locks();
        this.builds = new LayerBuilds(store);
        this.support = new RunnerPackages(interpreters, layout, uploaded, store, builds);
        this.settings = store.settings();
        this.clock = clock;
    }

    /// For images, whose builds must not see the way to some sources.
    public Fetcher fetcher() {
        return fetcher;
    }

    /// What makes the packages that runners need, in containers too.
    public RunnerPackages runnerPackages() {
        return support;
    }

    @Override
    public Image build(Order order, Consumer<LogLine> lines) throws InterruptedException {
        Plan plan = plan(order);
        Consumer<String> say =
                line -> lines.accept(order.line(clock.instant(), LogLine.Level.INFO, line));
        say.accept(
                "Python %s (%s)"
                        .formatted(plan.interpreter().version(), plan.interpreter().path()));
        support.ensure(plan.interpreter().minor(), say);
        List<String> keys = new ArrayList<>();
        try (Holds.Hold hold = shelf.hold()) {
            for (int i = 0; i < plan.layers().size(); i++) {
                LayerStore.Job job = job(order, plan, i, keys.isEmpty() ? "" : keys.getLast());
                keys.add(layer(order, job, plan.name(i), hold, lines));
                hold.add(keys.getLast());
            }
            keys.forEach(shelf::used);
        }
        return plan.image(keys);
    }

    @Override
    public @Nullable Image find(Order order) {
        Plan plan = plan(order);
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < plan.layers().size(); i++) {
            LayerStore.Job job = job(order, plan, i, keys.isEmpty() ? "" : keys.getLast());
            Optional<String> known = locks.resolved(job.wanted()).filter(shelf::has);
            if (known.isEmpty()) {
                return null;
            }
            keys.add(known.get());
        }
        return layout.support(plan.interpreter().minor()).isPresent() ? plan.image(keys) : null;
    }

    @Override
    public boolean ready(Image image) {
        image.layers().forEach(shelf::used);
        return image.layers().stream().allMatch(shelf::has)
                && layout.support(image.pythonVersion()).isPresent();
    }

    @Override
    public void restore(Order order, Image image, Consumer<LogLine> lines)
            throws InterruptedException {
        Plan plan = plan(order);
        List<String> keys = image.layers().reversed();
        if (plan.layers().size() != keys.size()) {
            throw lost(order, image);
        }
        Consumer<String> say =
                line -> lines.accept(order.line(clock.instant(), LogLine.Level.INFO, line));
        support.ensure(image.pythonVersion(), say);
        try (Holds.Hold hold = shelf.hold()) {
            keys.forEach(hold::add);
            for (int i = 0; i < keys.size(); i++) {
                String key = keys.get(i);
                if (!shelf.has(key)) {
                    Lock lock = locks.find(key).orElseThrow(() -> lost(order, image));
                    say.accept(
                            "%s: not on disk any more, installing it again from its lock"
                                    .formatted(plan.name(i)));
                    LayerStore.Job job = job(order, plan, i, i == 0 ? "" : keys.get(i - 1));
                    make(order, job.again(new LayerStore.Job.From(key, lock)), lines);
                }
            }
            keys.forEach(shelf::used);
        }
    }

    @Override
    public LockedEnvironment lock(Order order, Image image) {
        Map<String, LockedEnvironment.Package> packages = new TreeMap<>();
        List<String> keys = image.layers().reversed();
        for (int i = 0; i < keys.size(); i++) {
            Lock lock = locks.find(keys.get(i)).orElseThrow(() -> lost(order, image));
            for (LockedEnvironment.Package found : lock.packages(i + 1)) {
                LockedEnvironment.Package below = packages.get(found.name());
                if (below == null || !below.sameAs(found)) {
                    packages.put(found.name(), found);
                }
            }
        }
        return new LockedEnvironment(
                image.pythonVersion(),
                order.machine(),
                null,
                packages.values().stream()
                        .sorted(Comparator.comparing(LockedEnvironment.Package::name))
                        .toList());
    }

    /// One install step: on the shelf, made again from its lock, or made for the first time.
    private String layer(
            Order order, LayerStore.Job job, String name, Holds.Hold hold, Consumer<LogLine> lines)
            throws InterruptedException {
        Consumer<String> say =
                line -> lines.accept(order.line(clock.instant(), LogLine.Level.INFO, line));
        String known = order.force() ? "" : locks.resolved(job.wanted()).orElse("");
        Optional<Lock> lock = Optional.empty();
        if (!known.isEmpty()) {
            hold.add(known);
            if (shelf.has(known)) {
                say.accept("%s: cached (%s)".formatted(name, known.substring(0, 12)));
                return known;
            }
            lock = locks.find(known);
        }
        say.accept(
                "%s: installing %s%s"
                        .formatted(
                                name,
                                UrlMask.forPeople(String.join(", ", job.layer().packages())),
                                lock.isPresent() ? ", as locked when it was first built" : ""));
        if (!job.torch().why().isEmpty()) {
            say.accept(job.torch().why());
        }
        return make(
                order,
                lock.map(exactly -> job.again(new LayerStore.Job.From(known, exactly))).orElse(job),
                lines);
    }

    private String make(Order order, LayerStore.Job job, Consumer<LogLine> lines)
            throws InterruptedException {
        try {
            return builds.make(
                    job,
                    line -> lines.accept(order.line(clock.instant(), LogLine.Level.INFO, line)));
        } catch (ExecutionException e) {
            Refusal refusal = LayerBuilds.refusal(environmentOf(order), e);
            for (String line : refusal.getMessage().lines().toList()) {
                lines.accept(order.line(clock.instant(), LogLine.Level.ERROR, line));
            }
            throw refusal;
        }
    }

    private static Refusal lost(Order order, Image image) {
        return new Refusal(
                Refusal.Kind.FAILED_PRECONDITION,
                "what %s (%s) was resolved to is not known here any more; deploy it again"
                        .formatted(environmentOf(order), image.key().substring(0, 12)));
    }

    private static String environmentOf(Order order) {
        return order.app() == null
                ? "the environment"
                : "the environment of app '%s'".formatted(order.app());
    }

    private LayerStore.Job job(Order order, Plan plan, int at, String parent) {
        RequirementLayer layer = plan.layers().get(at);
        TorchChoice torch = TorchChoice.of(layer, order.machine(), settings, TorchChoice.driver());
        return new LayerStore.Job(
                order.account(),
                LayerKey.of(
                        order.account(),
                        parent,
                        plan.interpreter(),
                        order.machine(),
                        torch.over(layer),
                        uploaded),
                parent,
                plan.interpreter().minor(),
                layer,
                torch,
                name -> secrets.find(order.account(), order.environment(), name),
                null,
                order.force());
    }

    private Plan plan(Order order) {
        if (!order.spec().kind().equals("virtualenv") || !order.spec().image().isEmpty()) {
            throw new Refusal(Refusal.Kind.UNSUPPORTED, unsupported(order.spec().kind()));
        }
        List<RequirementLayer> layers =
                order.spec().requirements().stream()
                        .map(RequirementLayer::parse)
                        .filter(layer -> !layer.packages().isEmpty())
                        .toList();
        return new Plan(interpreters.require(order.spec().pythonVersion()), layers);
    }

    private static String unsupported(String kind) {
        return kind.equals("conda")
                ? "environments of kind 'conda' are not supported; list the packages in requirements (kind 'virtualenv'), or bring a container image once this server builds them"
                : "environments from container images are not supported by this version; list the packages in requirements (kind 'virtualenv')";
    }

    /// What an order comes to on this host.
    private record Plan(Interpreter interpreter, List<RequirementLayer> layers) {
        String name(int at) {
            return layers.size() == 1
                    ? "packages"
                    : "layer %d of %d".formatted(at + 1, layers.size());
        }

        /// @param keys of the layers, oldest first
        Image image(List<String> keys) {
            String top = keys.isEmpty() ? interpreter.platform() : keys.getLast();
            return new Image(
                    Hashes.sha256Hex(top).substring(0, 40), interpreter.minor(), keys.reversed());
        }
    }
}
