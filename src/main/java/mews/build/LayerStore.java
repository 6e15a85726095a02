package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Home;
import mews.base.Masker;
import mews.host.EnvironmentLayout;
import mews.host.Uv;
import mews.sandbox.Sandbox;
import mews.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// Makes layers: resolves, or takes a lock that is there, installs where nobody looks, and puts the
/// whole on the shelf.
public final class LayerStore {
    private static final long LARGEST_LOCK = 64L << 20;

    /// Stands in a lock for the folder of the build, which is another one each time.
    private static final String BUILD = "file:///mews-build/";

    /// One layer to make.
    ///
    /// @param wanted key of the install step
    /// @param parent key of the layer below, empty for the first
    /// @param secrets the account's, by name
    /// @param from what to install exactly; null: resolve
    record Job(
            String account,
            String wanted,
            String parent,
            String minor,
            RequirementLayer layer,
            Function<String, Optional<String>> secrets,
            @Nullable From from,
            boolean force) {
        /// A layer to make again.
        record From(String key, Lock lock) {}

        Job again(From exactly) {
            return new Job(account, wanted, parent, minor, layer, secrets, exactly, force);
        }
    }

    private final Home home;
    private final Uploaded uploaded;
    private final Installer installer;
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
            Shelves shelves) {
        this.home = home;
        this.uploaded = uploaded;
        this.installer = new Installer(home, uv, layout, sandbox, network);
        this.shelf = shelves.layers();
        this.cache = shelves.packages();
        this.locks = shelves.locks();
        this.space = shelves.space();
        this.byteCode = new ByteCode(shelf, layout, sandbox);
    }

    /// What builds keep, and where.
    public record Shelves(
            LayerShelf layers, PackageCache packages, LockTable locks, DiskSpace space) {}

    /// Deletes what killed builds and prunings left. Called once, before the first build.
    public void sweep() throws IOException {
        Trash.sweep(home.layers());
        byteCode.resume();
        Path benches = cache.benches();
        if (!Files.isDirectory(benches)) {
            return;
        }
        try (Stream<Path> left = Files.walk(benches, 2)) {
            for (Path draft :
                    left.filter(path -> path.getFileName().toString().startsWith("draft-"))
                            .toList()) {
                Folders.delete(draft);
            }
        }
    }

    /// Leaves byte code that is not finished to the next start.
    public void stop() {
        byteCode.stop();
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
        BuildSecrets secrets = new BuildSecrets(job.secrets());
        try (Holds.Hold hold = cache.hold()) {
            cache.open(job.account(), hold);
            Installer.Bench bench = bench(job.account());
            try {
                return make(job, bench, secrets, lines);
            } finally {
                Folders.delete(bench.draft());
                Folders.delete(bench.orders());
            }
        } catch (Installer.Failed e) {
            if (DiskSpace.isFull(e.explanation())) {
                throw space.full();
            }
            throw new Installer.Failed(UrlMask.forPeople(secrets.masker().mask(e.explanation())));
        } catch (IOException | UncheckedIOException e) {
            if (DiskSpace.isFull(e.getMessage())
                    || DiskSpace.isFull(String.valueOf(e.getCause()))) {
                throw space.full();
            }
            throw e;
        }
    }

    private String make(Job job, Installer.Bench bare, BuildSecrets secrets, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        RequirementLayer filled = job.layer().map(secrets::fill).map(entry -> local(entry, bare));
        Masker masker = secrets.masker();
        Consumer<String> masked = line -> lines.accept(UrlMask.forPeople(masker.mask(line)));
        Installer.Bench bench = bare.reaching(installer.reach(filled, job.minor(), masked));
        Lock below = shelf.visible(job.parent());
        readable(Files.createDirectory(bench.draft().resolve("site")));
        Files.createDirectory(bench.draft().resolve("tmp"));
        Job.From from = job.from();
        Lock lock = from == null ? resolve(bench, job, filled, below, masked) : from.lock();
        Lock wanted = atHand(lock.without(below), bench).signedAs(filled.packages());
        install(bench, job, filled.options(), wanted, masked);
        String key = from == null ? LayerKey.of(job.wanted(), lock) : from.key();
        // Before the layer itself: one without its lock could not be made again.
        locks.keep(key, lock);
        keep(bench, job, key, lock.map(entry -> UrlMask.forPeople(masker.mask(entry))));
        if (from == null) {
            locks.resolve(job.wanted(), key);
        }
        return key;
    }

    private Lock resolve(
            Installer.Bench bench,
            Job job,
            RequirementLayer filled,
            Lock below,
            Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        Files.writeString(bench.orders().resolve("requirements.in"), filled.text());
        Files.writeString(bench.draft().resolve(LayerShelf.LOCK), below.pinned().text());
        List<String> options =
                job.force()
                        ? List.of("--emit-index-annotation", "--refresh")
                        : List.of("--emit-index-annotation");
        installer.resolve(bench, job.minor(), options, lines);
        return resolved(bench).map(entry -> entry.replace(draftUrl(bench), BUILD));
    }

    private void install(
            Installer.Bench bench,
            Job job,
            List<String> options,
            Lock wanted,
            Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        if (wanted.entries().isEmpty()) {
            return;
        }
        String flags = String.join("\n", options) + "\n";
        Files.writeString(bench.orders().resolve("install.txt"), flags + wanted.text());
        try {
            installer.install(bench, job.minor(), List.of(), lines);
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
    private static Lock resolved(Installer.Bench bench) throws IOException {
        Path file = bench.draft().resolve(LayerShelf.LOCK);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || Files.size(file) > LARGEST_LOCK) {
            throw new IOException("the build replaced its lock");
        }
        return Lock.parse(Files.readString(file));
    }

    /// @param shown holds no credentials
    private void keep(Installer.Bench bench, Job job, String key, Lock shown) throws IOException {
        Path whole = Files.createDirectory(bench.orders().resolve("whole"));
        Path site = whole.resolve("site");
        if (!Files.isDirectory(bench.draft().resolve("site"), LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("the build replaced its site folder");
        }
        Files.move(bench.draft().resolve("site"), site);
        Path scripts = site.resolve("bin");
        if (Files.isDirectory(scripts, LinkOption.NOFOLLOW_LINKS)) {
            Files.move(scripts, whole.resolve("bin"));
        }
        Files.writeString(whole.resolve(LayerShelf.LOCK), shown.text());
        LayerShelf.Label label =
                new LayerShelf.Label(
                        job.account(),
                        job.parent(),
                        job.minor(),
                        DiskSpace.of(whole),
                        shown.pins());
        shelf.place(whole, key, label, job.force());
        byteCode.later(key);
    }

    private static Lock atHand(Lock portable, Installer.Bench bench) {
        return portable.map(entry -> entry.replace(BUILD, draftUrl(bench)));
    }

    private static String draftUrl(Installer.Bench bench) {
        return "file://" + bench.draft().toUri().getRawPath().replaceAll("/*$", "/");
    }

    /// An uploaded archive is read from disk: builds need no way to this server.
    private String local(String entry, Installer.Bench bench) {
        int at = entry.indexOf(" @ ");
        String url = at < 0 ? entry : entry.substring(at + 3);
        Optional<Uploaded.File> file = uploaded.find(url);
        if (file.isEmpty()) {
            return entry;
        }
        try {
            Path folder =
                    Files.createDirectories(
                            bench.draft()
                                    .resolve("uploads")
                                    .resolve(file.get().contentHash().substring(0, 12)));
            Path copy = folder.resolve(file.get().name());
            Files.copy(file.get().path(), copy, StandardCopyOption.REPLACE_EXISTING);
            String name = at < 0 ? "" : entry.substring(0, at + 3);
            return name + "file://" + copy.toUri().getRawPath();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read an uploaded archive", e);
        }
    }

    private Installer.Bench bench(String account) throws IOException {
        Path folder = cache.bench(account);
        Path orders = Files.createTempDirectory(folder, "draft-orders-");
        readable(orders);
        Path draft = Files.createTempDirectory(folder, "draft-");
        return new Installer.Bench(folder, draft, orders, SandboxSpec.Reach.NOTHING_MORE);
    }

    private static void readable(Path folder) {
        LayerShelf.readable(folder);
    }
}
