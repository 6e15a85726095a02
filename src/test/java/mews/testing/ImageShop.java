package mews.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import mews.account.Secrets;
import mews.base.Home;
import mews.base.Seal;
import mews.build.BuildSettings;
import mews.build.DiskSpace;
import mews.build.EnvironmentBuilder;
import mews.build.LayerShelf;
import mews.build.LayerStore;
import mews.build.LockTable;
import mews.build.ManagedEnvironmentBuilder;
import mews.build.PackageCache;
import mews.build.Uploaded;
import mews.build.image.ContainerEnvironmentBuilder;
import mews.build.image.ImageFolders;
import mews.build.image.ImageRules;
import mews.build.image.ImageWorkshop;
import mews.host.EnvironmentLayout;
import mews.host.Interpreters;
import mews.host.Uv;
import mews.model.AppFile;
import mews.model.EnvironmentSpec;
import mews.model.Image;
import mews.model.LogLine;
import mews.model.MachineKind;
import mews.sandbox.SandboxSpec;
import mews.sandbox.Sandboxes;
import mews.sql.Database;
import mews.storage.AppFiles;
import mews.storage.BlobFolder;

/// A real builder of container images in a home of its own, and what orders for it need.
public final class ImageShop implements AutoCloseable {
    private static final Interpreters INTERPRETERS = Interpreters.ofHost();

    private final Home home;
    private final Database database = TestDatabase.fresh();
    private final LayerStore store;
    private final Sandboxes sandboxes;
    private final EnvironmentLayout layout;
    private final BlobFolder blobs;
    private final ImageFolders folders;
    private final ImageWorkshop workshop;
    private final ContainerEnvironmentBuilder builder;
    private final List<LogLine> lines = new CopyOnWriteArrayList<>();
    private final Map<String, String> secrets = new LinkedHashMap<>();

    public ImageShop(Path root, ImageRules rules) throws IOException {
        home = new Home(root.resolve("home"), root.resolve("run"));
        sandboxes = Sandboxes.open(home, List.of());
        layout = new EnvironmentLayout(home, INTERPRETERS);
        blobs = new BlobFolder(home.files());
        Uploaded none = url -> Optional.empty();
        Uv uv = new Uv(INTERPRETERS);
        store =
                new LayerStore(
                        home,
                        uv,
                        layout,
                        sandboxes.sandbox(),
                        SandboxSpec.Network.HOST,
                        none,
                        new LayerStore.Shelves(
                                new LayerShelf(home, layout, InstantSource.system()),
                                new PackageCache(home),
                                new LockTable(
                                        database, new Seal(new byte[32]), InstantSource.system()),
                                new DiskSpace(home.layers(), 0)),
                        BuildSettings.NONE);
        Secrets known = new SecretsInMemory(secrets);
        InstantSource clock = InstantSource.system();
        ManagedEnvironmentBuilder managed =
                new ManagedEnvironmentBuilder(INTERPRETERS, layout, known, none, store, clock);
        folders = new ImageFolders(home);
        folders.open();
        workshop =
                new ImageWorkshop(
                        home,
                        uv,
                        blobs,
                        sandboxes,
                        managed,
                        new DiskSpace(home.images(), 1),
                        rules.builder());
        builder =
                new ContainerEnvironmentBuilder(
                        workshop, rules, folders, layout, known, none, clock);
    }

    public Home home() {
        return home;
    }

    public EnvironmentLayout layout() {
        return layout;
    }

    public ImageFolders folders() {
        return folders;
    }

    public ImageWorkshop workshop() {
        return workshop;
    }

    public EnvironmentBuilder builder() {
        return builder;
    }

    /// Of every account.
    public Map<String, String> secrets() {
        return secrets;
    }

    /// Builds, keeping what is said.
    public Image build(EnvironmentBuilder.Order order) throws InterruptedException {
        lines.clear();
        return builder.build(order, lines::add);
    }

    /// What the last build said.
    public String said() {
        return lines.stream().map(LogLine::message).collect(Collectors.joining("\n"));
    }

    public Path rootfs(Image image) {
        return layout.rootFileSystem(String.valueOf(image.root()));
    }

    /// Stores a file as an upload does.
    public AppFile upload(String relativePath, String content) throws IOException {
        Path file = Files.createTempFile("mews-upload-", "");
        Files.writeString(file, content);
        String hash = AppFiles.hash(file, "33188");
        blobs.putAs(hash, file);
        return new AppFile(hash, relativePath);
    }

    /// @param image the image table
    public static EnvironmentBuilder.Order order(
            String account,
            Map<String, Object> image,
            List<List<String>> requirements,
            List<AppFile> files,
            boolean force) {
        return new EnvironmentBuilder.Order(
                account,
                "main",
                "demo",
                new EnvironmentSpec(
                        "container", TestImages.pythonMinor(), requirements, null, image),
                MachineKind.CPU,
                files,
                force);
    }

    /// An order of an image with nothing else.
    public static EnvironmentBuilder.Order order(Map<String, Object> image) {
        return order("local", image, List.of(), List.of(), false);
    }

    /// Of an image that is built and needs no Python.
    public static Map<String, Object> plain(TestRegistry registry, String... dockerfile) {
        return Map.of(
                "dockerfile_str",
                String.join("\n", dockerfile) + "\n",
                "registries",
                registry.login(),
                "use_isolate",
                false);
    }

    @Override
    public void close() {
        folders.close();
        store.stop();
        sandboxes.close();
        database.close();
        List<Path> left = new ArrayList<>();
        try (var all = Files.newDirectoryStream(home.images(), ".tmp-*")) {
            all.forEach(left::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!left.isEmpty()) {
            throw new IllegalStateException("builds left " + left);
        }
    }
}
