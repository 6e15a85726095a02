package mews.server;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import mews.base.Home;
import mews.build.Cache;
import mews.build.CacheSource;
import mews.build.DiskSpace;
import mews.build.EnvironmentBuilder;
import mews.build.EnvironmentBuilders;
import mews.build.ImageUsers;
import mews.build.LayerShelf;
import mews.build.LayerStore;
import mews.build.LockTable;
import mews.build.ManagedEnvironmentBuilder;
import mews.build.PackageCache;
import mews.build.Uploaded;
import mews.build.image.ContainerEnvironmentBuilder;
import mews.build.image.ImageFolders;
import mews.build.image.ImageShelf;
import mews.build.image.ImageWorkshop;
import mews.build.image.StepCache;
import mews.deploy.Deployment;
import mews.fleet.ProcessFleet;
import mews.host.EnvironmentLayout;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;

/// Where environments are built and processes started.
record Workshop(
        Sandbox sandbox,
        EnvironmentLayout layout,
        EnvironmentBuilder builder,
        LayerStore.Shelves shelves,
        List<CacheSource> images) {
    /// Everything that builds keep, below its limit from now on.
    Cache cache(
            ServerConfig.Cache config,
            Deployment deployment,
            ProcessFleet fleet,
            InstantSource clock)
            throws IOException {
        Set<String> known = new HashSet<>(deployment.environments().layers());
        shelves.layers().entries().forEach(entry -> known.add(entry.key()));
        shelves.locks().forget(known);
        List<CacheSource> sources = new ArrayList<>(images);
        sources.addAll(List.of(shelves.layers(), shelves.packages()));
        return Cache.open(
                sources,
                List.of(
                        () -> deployment.environments().uses(config.keepRevisions()),
                        () -> ofRunners(fleet)),
                new Cache.Limits(config.limitBytes(), shelves.space()),
                clock);
    }

    private static List<ImageUsers.Use> ofRunners(ProcessFleet fleet) {
        List<ImageUsers.Use> uses = new ArrayList<>();
        fleet.revisions()
                .forEach((id, revision) ->
                        uses.add(
                                new ImageUsers.Use(
                                        revision.image(), revision.app().owner(), "runner " + id)));
        return uses;
    }

    static Workshop open(
            Home home, ServerConfig config, Keepers keepers, InstantSource clock, Shutdown shutdown)
            throws IOException {
        Sandboxes sandboxes =
                shutdown.later(
                        "sandbox",
                        Sandboxes.open(
                                home,
                                config.sandbox().allowNetworks(),
                                OwnAddresses.of(home, config)));
        Interpreters interpreters = Interpreters.ofHost();
        EnvironmentLayout layout = new EnvironmentLayout(home, interpreters);
        Uploaded uploaded =
                url ->
                        keepers.files()
                                .uploads()
                                .findByUrl(url)
                                .map(file ->
                                        new Uploaded.File(
                                                file.sha256(), file.file(), file.fileName()));
        LayerStore.Shelves shelves =
                new LayerStore.Shelves(
                        new LayerShelf(home, layout, clock),
                        new PackageCache(home),
                        new LockTable(keepers.database(), keepers.seal(), clock),
                        new DiskSpace(home.layers(), config.cache().leastFreeBytes()));
        Uv uv = new Uv(interpreters);
        LayerStore store =
                new LayerStore(
                        home,
                        uv,
                        layout,
                        sandboxes.sandbox(),
                        SandboxSpec.Network.PROXY,
                        uploaded,
                        shelves,
                        config.builds());
        store.sweep();
        shutdown.later("byte code", store::stop);
        ManagedEnvironmentBuilder managed =
                new ManagedEnvironmentBuilder(
                        interpreters, layout, keepers.secrets(), uploaded, store, clock);
        ImageFolders images = shutdown.later("images", new ImageFolders(home));
        images.open();
        ImageWorkshop workshop =
                new ImageWorkshop(
                        home,
                        uv,
                        keepers.files().blobs(),
                        sandboxes,
                        managed,
                        new DiskSpace(home.images(), config.cache().leastFreeBytes()),
                        config.images().builder());
        ContainerEnvironmentBuilder containers =
                new ContainerEnvironmentBuilder(
                        workshop,
                        config.images(),
                        images,
                        layout,
                        keepers.secrets(),
                        uploaded,
                        clock);
        return new Workshop(
                sandboxes.sandbox(),
                layout,
                new EnvironmentBuilders(
                        managed, containers, !config.images().defaultImage().isEmpty()),
                shelves,
                List.of(new ImageShelf(images, workshop), new StepCache(images, workshop)));
    }
}
