package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Home;
import mews.host.Command;
import mews.host.ImageTools;
import mews.host.Uv;
import mews.model.Refusal;
import mews.storage.Blobs;
import org.jspecify.annotations.Nullable;

/// What images are built with here. The builder is tried when the first image is asked for, so that
/// a server without containers never waits for it. Thread-safe.
public final class ImageWorkshop {
    private final Home home;
    private final Uv uv;
    private final Blobs blobs;
    private final ImageNetwork network;
    private final ManagedEnvironmentBuilder managed;
    private final DiskSpace space;
    private final ReentrantLock lock = new ReentrantLock();
    private ContainerBuild.@Nullable Shop shop;

    /// @param managed makes the packages that runners need
    public ImageWorkshop(
            Home home,
            Uv uv,
            Blobs blobs,
            ImageNetwork network,
            ManagedEnvironmentBuilder managed,
            DiskSpace space) {
        this.home = home;
        this.uv = uv;
        this.blobs = blobs;
        this.network = network;
        this.managed = managed;
        this.space = space;
    }

    /// @throws Refusal with reason and remedy if this host cannot build images
    ContainerBuild.Shop open(
            ImageRules rules, ImageFolders folders, ImageRecipes recipes, Uploaded uploaded) {
        lock.lock();
        try {
            if (shop == null) {
                ImageTools tools = ImageTools.probe(home.images().resolve(".probe"));
                if (!tools.works()) {
                    throw new Refusal(
                            Refusal.Kind.FAILED_PRECONDITION,
                            "this server cannot build container images: %s. What to do: %s"
                                    .formatted(tools.detail(), tools.remedy()));
                }
                Path memory = ImageBench.memory(home.sockets());
                sweep(memory, folders, tools);
                shop =
                        new ContainerBuild.Shop(
                                new ImageBuilder(tools),
                                folders,
                                recipes,
                                new ImageRequirements(home, uv, uploaded),
                                rules,
                                network,
                                blobs,
                                managed.runnerPackages()::ensure,
                                tools,
                                memory,
                                space);
            }
            return shop;
        } finally {
            lock.unlock();
        }
    }

    /// Deletes what builds of an earlier life left.
    private void sweep(Path memory, ImageFolders folders, ImageTools tools) {
        try {
            Folders.delete(memory);
            Path stores = home.images().resolve(".stores");
            if (!Files.isDirectory(stores)) {
                return;
            }
            try (Stream<Path> accounts = Files.list(stores)) {
                for (Path store : accounts.toList()) {
                    Folders.delete(store.resolve("drafts"));
                    String account = store.getFileName().toString();
                    Path containers = store.resolve("root/overlay-containers/containers.json");
                    if (Files.exists(containers) && Files.size(containers) > "[]".length()) {
                        List<String> line =
                                new java.util.ArrayList<>(tools.store(store, folders.run(account)));
                        line.addAll(List.of("rm", "--all"));
                        Command.run(java.time.Duration.ofMinutes(2), line);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what earlier builds left cannot be deleted", e);
        }
    }
}
