package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import mews.base.Folders;
import mews.base.Home;
import mews.host.EnvironmentLayout;
import mews.host.Uv;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// Makes layers: resolves, or takes a lock that is there, installs where nobody looks, and puts the
/// whole on the shelf.
public final class LayerStore {
    private static final long LARGEST_LOCK = 64L << 20;

    /// One layer to make.
    ///
    /// @param wanted key of the install step
    /// @param parent key of the layer below, empty for the first
    /// @param torch part of `wanted`
    /// @param secrets the account's, by name
    /// @param from what to install exactly; null: resolve
    record Job(
            String account,
            String wanted,
            String parent,
            String minor,
            RequirementLayer layer,
            TorchChoice torch,
            Function<String, Optional<String>> secrets,
            @Nullable From from,
            boolean force) {
        /// A layer to make again.
        record From(String key, Lock lock) {}

        Job again(From exactly) {
            return new Job(account, wanted, parent, minor, layer, torch, secrets, exactly, force);
        }
    }

    private final Home home;
    private final Uploaded uploaded;
    private final BuildSettings settings;
    private final Installer installer;
    private final ConfidentialArchives archives;
    private final Fetcher fetcher;
    private final LayerShelf shelf;
    private final PackageCache cache;
    private final LockTable locks;
    private final DiskSpace space;
    private final ByteCode byteCode;

    /// @param network what builds may reach
    public LayerStore(
            Home home,
            Uv uv,
            EnvironmentLayout layout,
            Sandbox sandbox,
            SandboxSpec.Network network,
            Uploaded uploaded,
            Shelves shelves,
            BuildSettings settings) {
        this.home = home;
        this.uploaded = uploaded;
        this.settings = settings;
        this.installer =
                new Installer(
                        home,
                        uv,
                        layout,
                        new BuildSandbox(home, uv, layout, sandbox, network, settings));
        this.archives = new ConfidentialArchives(installer);
        this.shelf = shelves.layers();
        this.cache = shelves.packages();
        this.locks = shelves.locks();
        this.space = shelves.space();
        this.fetcher = new Fetcher(installer, archives, cache, layout, this::bench);
        this.byteCode = new ByteCode(shelf, cache, layout, sandbox);
    }

    /// What builds keep, and where.
    public record Shelves(
            LayerShelf layers, PackageCache packages, LockTable locks, DiskSpace space) {}

    /// Deletes what killed builds and prunings left. Called once, before the first build.
    public void sweep() throws IOException {
        Folders.delete(hidden());
        Trash.sweep(home.layers());
        byteCode.resume();
        cache.sweep();
    }

    /// Leaves byte code that is not finished to the next start.
    public void stop() {
        byteCode.stop();
    }

    BuildSettings settings() {
        return settings;
    }

    /// For what is built elsewhere.
    Fetcher fetcher() {
        return fetcher;
    }

    LayerShelf shelf() {
        return shelf;
    }

    LockTable locks() {
        return locks;
    }

    /// Makes the layer, remembers what it was resolved to, and puts it on the shelf.
    ///
    /// @param lines what the installer says, masked
    /// @return key of the layer
    String make(Job job, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        space.require();
        Recipe recipe = new Recipe(job.layer(), job.torch(), new BuildSecrets(job.secrets()));
        try (Holds.Hold hold = cache.hold()) {
            cache.open(job.account(), hold);
            Consumer<String> masked = line -> lines.accept(recipe.told(line));
            Bench bench =
                    bench(job.account())
                            .reaching(installer.reach(recipe.whole(), job.minor(), masked));
            try {
                return make(job, bench, recipe, masked);
            } catch (Installer.Failed e) {
                if (DiskSpace.isFull(e.explanation())) {
                    throw space.full();
                }
                throw new Diagnosis(installer, archives, recipe).of(bench, job.minor(), e);
            } finally {
                bench.delete();
            }
        } catch (IOException | UncheckedIOException e) {
            if (DiskSpace.isFull(e.getMessage())
                    || DiskSpace.isFull(String.valueOf(e.getCause()))) {
                throw space.full();
            }
            throw e;
        }
    }

    private String make(Job job, Bench bench, Recipe recipe, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        Lock below = shelf.visible(job.parent());
        readable(Files.createDirectory(bench.draft().resolve("site")));
        Files.createDirectory(bench.draft().resolve("tmp"));
        Files.writeString(bench.draft().resolve(LayerShelf.LOCK), below.pinned().text());
        // From the first start on the draft belongs to the build's own user.
        recipe.gather(uploaded, archives, bench, job.minor(), lines);
        Job.From from = job.from();
        Lock lock = from == null ? resolve(bench, job, recipe, lines) : from.lock();
        Lock wanted = recipe.atHand(lock.without(below));
        String key = from == null ? LayerKey.of(job.wanted(), lock) : from.key();
        Wheels.Laid laid = install(bench, job, recipe, wanted, lines);
        // Before the layer itself: one without its lock could not be made again.
        locks.keep(key, lock);
        keep(bench, job, key, lock, laid);
        byteCode.later(key, recipe.asked(), laid.whole());
        if (from == null) {
            locks.resolve(job.wanted(), key);
        }
        return key;
    }

    /// Where there is none of the chosen build of torch for what the layer wants, or no way to it,
    /// the layer's own indexes serve.
    private Lock resolve(Bench bench, Job job, Recipe recipe, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        try {
            installer.resolve(bench, job.minor(), recipe, true, job.force(), lines);
        } catch (Installer.Failed e) {
            if (!recipe.torch().isBlamed(e.explanation())) {
                throw e;
            }
            installer.resolve(bench, job.minor(), recipe, false, job.force(), lines);
            lines.accept(recipe.torch().passedOver());
        }
        return recipe.portable(resolved(bench));
    }

    private Wheels.Laid install(
            Bench bench, Job job, Recipe recipe, Lock wanted, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        try {
            WheelStore store = cache.store(job.account(), job.minor());
            Wheels.Laid laid =
                    new Wheels(installer, store).lay(bench, job.minor(), recipe, wanted, lines);
            if (!laid.rest().entries().isEmpty()) {
                installer.install(bench, job.minor(), recipe, laid.rest(), lines);
            }
            return laid;
        } catch (Installer.Failed e) {
            if (job.from() == null || DiskSpace.isFull(e.explanation())) {
                throw e;
            }
            throw new Installer.Failed(
                    "%s cannot be installed again as it was, since its source has it no more or with other content; deploy with --no-cache to resolve anew:\n%s"
                            .formatted(
                                    wanted.named(e.explanation())
                                            .map("package '%s'"::formatted)
                                            .orElse("one of its packages"),
                                    e.explanation()));
        }
    }

    /// A stranger's code could write there, so a link is not followed and size has a bound.
    private static Lock resolved(Bench bench) throws IOException {
        Path file = bench.draft().resolve(LayerShelf.LOCK);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || Files.size(file) > LARGEST_LOCK) {
            throw new IOException("the build replaced its lock");
        }
        return Lock.parse(Files.readString(file));
    }

    /// @param shown holds no credentials
    /// @param laid over what was built
    private void keep(Bench bench, Job job, String key, Lock shown, Wheels.Laid laid)
            throws IOException {
        Path whole = Files.createDirectory(bench.orders().resolve("whole"));
        Path site = whole.resolve("site");
        if (!Files.isDirectory(bench.draft().resolve("site"), LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("the build replaced its site folder");
        }
        Files.move(bench.draft().resolve("site"), site);
        long bytes = laid(laid, site);
        Path scripts = site.resolve("bin");
        if (Files.isDirectory(scripts, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(scripts, whole.resolve("bin"));
        }
        Files.writeString(whole.resolve(LayerShelf.LOCK), shown.text());
        LayerShelf.Label label =
                new LayerShelf.Label(job.account(), job.parent(), job.minor(), bytes, shown.pins());
        shelf.place(whole, key, label, job.force());
    }

    /// @return bytes of the site
    private static long laid(Wheels.Laid laid, Path site) throws IOException {
        if (!laid.whole().entries().isEmpty()) {
            Files.delete(site);
            Files.move(laid.trees().getFirst(), site, StandardCopyOption.ATOMIC_MOVE);
            readable(site);
            return DiskSpace.of(site);
        }
        long bytes = DiskSpace.of(site);
        for (Path tree : laid.trees()) {
            bytes += HardLinks.tree(tree, site);
        }
        return bytes;
    }

    private Bench bench(String account) throws IOException {
        Path folder = cache.bench(account);
        Path orders = Files.createTempDirectory(folder, PackageCache.DRAFT + "orders-");
        readable(orders);
        return new Bench(
                folder,
                Files.createTempDirectory(folder, PackageCache.DRAFT),
                orders,
                Files.createTempDirectory(Files.createDirectories(hidden()), ""),
                SandboxSpec.Reach.NOTHING_MORE);
    }

    /// In memory on most hosts.
    private Path hidden() {
        return home.sockets().resolve("b");
    }

    private static void readable(Path folder) {
        LayerShelf.readable(folder);
    }
}
