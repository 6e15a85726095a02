package mews.build.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import mews.account.Secrets;
import mews.base.Masker;
import mews.build.DiskSpace;
import mews.build.EnvironmentBuilder;
import mews.build.LayerBuild;
import mews.build.LockedEnvironment;
import mews.build.Uploaded;
import mews.build.UrlMask;
import mews.host.EnvironmentLayout;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.Refusal;
import org.jspecify.annotations.Nullable;

/// Environments that are container images: built from a Dockerfile or fetched from a registry,
/// without a daemon, in a store of images per account.
public final class ContainerEnvironmentBuilder implements EnvironmentBuilder {
    private final Supplier<ContainerBuild.Shop> shop;
    private final ImageRules rules;
    private final ImageFolders folders;
    private final EnvironmentLayout layout;
    private final ImageRecipes recipes;
    private final Secrets secrets;
    private final Uploaded uploaded;
    private final InstantSource clock;
    private final ConcurrentMap<String, LayerBuild> running = new ConcurrentHashMap<>();

    /// @param workshop what this host builds images with; probed when first needed
    public ContainerEnvironmentBuilder(
            ImageWorkshop workshop,
            ImageRules rules,
            ImageFolders folders,
            EnvironmentLayout layout,
            Secrets secrets,
            Uploaded uploaded,
            InstantSource clock) {
        this.rules = rules;
        this.folders = folders;
        this.layout = layout;
        this.recipes = new ImageRecipes(folders);
        this.secrets = secrets;
        this.uploaded = uploaded;
        this.clock = clock;
        this.shop = () -> workshop.open(rules, folders, recipes, uploaded);
    }

    @Override
    public Image build(Order order, Consumer<LogLine> lines) throws InterruptedException {
        return make(order, null, lines);
    }

    @Override
    public @Nullable Image find(Order order) {
        try {
            ImageRecipes.@Nullable Made made = recipes.find(order.account(), plan(order).recipe());
            return made != null && folders.mount(made.root()) ? image(made.root()) : null;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public boolean ready(Image image) {
        String root = String.valueOf(image.root());
        try {
            ImageFolders.@Nullable Card card = folders.card(root);
            folders.used(root);
            return card != null
                    && folders.mount(root)
                    && (!card.runner() || layout.support(image.pythonVersion()).isPresent());
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    @Override
    public void restore(Order order, Image image, Consumer<LogLine> lines)
            throws InterruptedException {
        String root = String.valueOf(image.root());
        if (!make(order, root, lines).key().equals(image.key())) {
            throw new Refusal(
                    Refusal.Kind.FAILED_PRECONDITION,
                    "the image %s is not on disk any more and cannot be made again as it was; deploy the app again"
                            .formatted(root.substring(0, 12)));
        }
    }

    @Override
    public LockedEnvironment lock(Order order, Image image) {
        String root = String.valueOf(image.root());
        if (!folders.mount(root)) {
            throw new Refusal(
                    Refusal.Kind.NOT_FOUND,
                    "the image %s is not on disk; start the app or deploy it again, then ask again"
                            .formatted(root.substring(0, 12)));
        }
        return new LockedEnvironment(
                image.pythonVersion(),
                order.machine(),
                layout.settings(root).digest(),
                ImagePackages.of(layout.rootFileSystem(root), layout.settings(root)));
    }

    private Image make(Order order, @Nullable String wanted, Consumer<LogLine> lines)
            throws InterruptedException {
        ContainerPlan plan = plan(order);
        Masker masker = plan.masker();
        Consumer<String> say =
                line ->
                        lines.accept(
                                order.line(
                                        clock.instant(),
                                        LogLine.Level.INFO,
                                        UrlMask.forPeople(masker.mask(line))));
        try {
            return image(await(shop.get(), plan, wanted, say));
        } catch (ExecutionException e) {
            Refusal refusal = failure(order, masker, e);
            for (String line : refusal.getMessage().lines().toList()) {
                lines.accept(order.line(clock.instant(), LogLine.Level.ERROR, line));
            }
            throw refusal;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private Image image(String root) throws IOException {
        ImageFolders.@Nullable Card card = folders.card(root);
        if (card == null) {
            throw new IOException("image %s vanished".formatted(root));
        }
        folders.used(root);
        return card.image();
    }

    private ContainerPlan plan(Order order) {
        return ContainerPlan.of(order, rules.defaultImage(), secretsOf(order), uploaded);
    }

    private Function<String, Optional<String>> secretsOf(Order order) {
        return name -> secrets.find(order.account(), order.environment(), name);
    }

    private static UncheckedIOException unreadable(IOException e) {
        return new UncheckedIOException("the images of this server cannot be read", e);
    }

    private String await(
            ContainerBuild.Shop tools,
            ContainerPlan plan,
            @Nullable String wanted,
            Consumer<String> say)
            throws ExecutionException, InterruptedException {
        String key = plan.sharing() + wanted;
        while (true) {
            LayerBuild[] mine = new LayerBuild[1];
            LayerBuild shared =
                    running.computeIfAbsent(
                            key,
                            unused -> {
                                mine[0] = begin(tools, plan, wanted);
                                return mine[0];
                            });
            if (!shared.join(say)) {
                running.remove(key, shared);
                continue;
            }
            if (shared == mine[0]) {
                shared.start();
            }
            try {
                return shared.await(say);
            } finally {
                if (shared.ended()) {
                    running.remove(key, shared);
                }
            }
        }
    }

    private LayerBuild begin(
            ContainerBuild.Shop tools, ContainerPlan plan, @Nullable String wanted) {
        return new LayerBuild(
                plan.recipe().substring(0, 12),
                lines ->
                        new ContainerBuild(tools, plan, secretsOf(plan.order()), lines)
                                .run(wanted));
    }

    private Refusal failure(Order order, Masker masker, ExecutionException e) {
        String what =
                order.app() == null ? "the image" : "the image of app '%s'".formatted(order.app());
        return switch (e.getCause()) {
            case Refusal refusal ->
                    new Refusal(
                            refusal.kind(), UrlMask.forPeople(masker.mask(refusal.getMessage())));
            case IOException full when DiskSpace.isFull(full.getMessage()) ->
                    shop.get().space().full();
            case RuntimeException broken -> throw broken;
            case null, default ->
                    throw new IllegalStateException(what + " cannot be built", e.getCause());
        };
    }
}
