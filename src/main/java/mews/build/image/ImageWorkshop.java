package mews.build.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.concurrent.locks.ReentrantLock;
import mews.base.Home;
import mews.build.DiskSpace;
import mews.build.Holds;
import mews.build.ManagedEnvironmentBuilder;
import mews.build.Uploaded;
import mews.host.ImageTools;
import mews.host.Uv;
import mews.model.Refusal;
import mews.sandbox.Sandboxes;
import mews.storage.Blobs;
import org.jspecify.annotations.Nullable;

/// What images are built with here. The builder is tried when the first image is asked for, so that
/// a server without containers never waits for it. Thread-safe.
public final class ImageWorkshop {
    private final Home home;
    private final Uv uv;
    private final Blobs blobs;
    private final Sandboxes sandboxes;
    private final ManagedEnvironmentBuilder managed;
    private final DiskSpace space;
    private final String program;
    private final ReentrantLock lock = new ReentrantLock();
    private final Holds holds = new Holds();
    private @Nullable ImageTools known;
    private ContainerBuild.@Nullable Shop shop;

    /// @param managed makes the packages that runners need
    /// @param program as in `ImageRules.builder`
    public ImageWorkshop(
            Home home,
            Uv uv,
            Blobs blobs,
            Sandboxes sandboxes,
            ManagedEnvironmentBuilder managed,
            DiskSpace space,
            String program) {
        this.home = home;
        this.program = program;
        this.uv = uv;
        this.blobs = blobs;
        this.sandboxes = sandboxes;
        this.managed = managed;
        this.space = space;
    }

    /// @throws Refusal with reason and remedy if this host cannot build images
    ContainerBuild.Shop open(
            ImageRules rules, ImageFolders folders, ImageRecipes recipes, Uploaded uploaded) {
        lock.lock();
        try {
            if (shop == null) {
                ImageTools tools = tools();
                if (!tools.works()) {
                    throw new Refusal(
                            Refusal.Kind.FAILED_PRECONDITION,
                            "this server cannot build container images: %s. What to do: %s"
                                    .formatted(tools.detail(), tools.remedy()));
                }
                ImageStores stores = new ImageStores(home, folders);
                ImageBuilder builder = builder(tools);
                clean(stores, builder);
                shop =
                        new ContainerBuild.Shop(
                                builder,
                                folders,
                                recipes,
                                new ImageRequirements(
                                        home, uv, uploaded, sandboxes, managed.fetcher()),
                                rules,
                                sandboxes,
                                blobs,
                                managed.runnerPackages()::ensure,
                                tools,
                                stores,
                                holds,
                                space);
            }
            return shop;
        } finally {
            lock.unlock();
        }
    }

    ImageStores stores(ImageFolders folders) {
        return new ImageStores(home, folders);
    }

    /// Accounts whose builds run now.
    Holds holds() {
        return holds;
    }

    /// Removes images of an account's store, with the layers that only they have.
    void remove(ImageFolders folders, String account, Collection<String> images)
            throws IOException {
        stores(folders).remove(builder(tools()), account, images);
    }

    private ImageTools tools() {
        lock.lock();
        try {
            if (known == null) {
                known = ImageTools.probe(home, program);
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private static ImageBuilder builder(ImageTools tools) {
        return tools.docker()
                ? new DockerBuilder(String.valueOf(tools.program()))
                : new ContainersBuilder(tools);
    }

    private static void clean(ImageStores stores, ImageBuilder builder) {
        try {
            stores.removeContainers(builder);
        } catch (IOException e) {
            throw new UncheckedIOException("what earlier builds left cannot be deleted", e);
        }
    }
}
