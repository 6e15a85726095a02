package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

/// Layers on disk: drafted where nobody looks, moved into place when complete, never changed
/// afterwards.
public final class LayerStore {
    private static final String LOCK = "lock.txt";
    private static final String PARENT = "parent";
    private static final long LARGEST_LOCK = 64L << 20;

    /// One layer to make.
    ///
    /// @param parent key of the layer below, empty for the first
    /// @param secrets the account's, by name
    record Job(
            String account,
            String key,
            String parent,
            String minor,
            RequirementLayer layer,
            Function<String, Optional<String>> secrets) {}

    private final Home home;
    private final Uploaded uploaded;
    private final Installer installer;

    /// @param network what builds may reach
    public LayerStore(
            Home home,
            Uv uv,
            EnvironmentLayout layout,
            Sandbox sandbox,
            SandboxSpec.Network network,
            Uploaded uploaded) {
        this.home = home;
        this.uploaded = uploaded;
        this.installer = new Installer(home, uv, layout, sandbox, network);
    }

    /// Deletes what killed builds left. Called once, before the first build.
    public void sweep() throws IOException {
        Path benches = benches();
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

    boolean has(String key) {
        return Files.isDirectory(home.layers().resolve(key));
    }

    /// Points a name at a layer, replacing what it pointed at.
    void link(Path name, String key) {
        try {
            Files.createDirectories(name.getParent());
            Path draft =
                    name.resolveSibling(".tmp-" + name.getFileName() + "-" + key.substring(0, 8));
            Files.deleteIfExists(draft);
            Files.createSymbolicLink(draft, home.layers().resolve(key));
            Files.move(
                    draft,
                    name,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot point %s at a layer".formatted(name), e);
        }
    }

    /// Makes the layer.
    ///
    /// @param lines what the installer says, masked
    void make(Job job, Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        Installer.Bench bench = bench(job.account());
        BuildSecrets secrets = new BuildSecrets(job.secrets());
        try {
            RequirementLayer filled =
                    job.layer().map(secrets::fill).map(entry -> local(entry, bench));
            Masker masker = secrets.masker();
            Consumer<String> masked = line -> lines.accept(UrlMask.forPeople(masker.mask(line)));
            Lock below = below(job.parent());
            write(bench.orders().resolve("requirements.in"), filled.text());
            write(bench.draft().resolve(LOCK), below.text());
            open(Files.createDirectory(bench.draft().resolve("site")));
            Files.createDirectory(bench.draft().resolve("tmp"));
            install(bench, job, filled, below, masked);
            keep(bench, job, masker);
        } catch (Installer.Failed e) {
            throw new Installer.Failed(UrlMask.forPeople(secrets.masker().mask(e.explanation())));
        } finally {
            Folders.delete(bench.draft());
            Folders.delete(bench.orders());
        }
    }

    private void install(
            Installer.Bench bench,
            Job job,
            RequirementLayer filled,
            Lock below,
            Consumer<String> lines)
            throws IOException, Installer.Failed, InterruptedException {
        installer.resolve(bench, job.minor(), List.of(), lines);
        Lock wanted = resolved(bench).without(below);
        if (!wanted.entries().isEmpty()) {
            String options = String.join("\n", filled.options()) + "\n";
            write(bench.orders().resolve("install.txt"), options + wanted.text());
            installer.install(bench, job.minor(), List.of(), lines);
        }
    }

    /// A stranger's code could write there, so a link is not followed and size has a bound.
    private static Lock resolved(Installer.Bench bench) throws IOException {
        Path file = bench.draft().resolve(LOCK);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || Files.size(file) > LARGEST_LOCK) {
            throw new IOException("the build replaced its lock");
        }
        return Lock.parse(Files.readString(file));
    }

    /// Moves a finished draft into place. What is kept of the lock holds no credentials.
    private void keep(Installer.Bench bench, Job job, Masker masker) throws IOException {
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
        write(whole.resolve(LOCK), UrlMask.forPeople(masker.mask(resolved(bench).text())));
        write(whole.resolve(PARENT), job.parent());
        try (FileChannel folder = FileChannel.open(whole.resolve(LOCK), StandardOpenOption.READ)) {
            folder.force(true);
        }
        open(whole);
        Files.createDirectories(home.layers());
        Path place = home.layers().resolve(job.key());
        if (Files.isDirectory(place)) {
            // Built anew on request: the old one may be in use, so it stays until nobody can have
            // it open.
            Folders.delete(bench.folder().resolve("draft-old-" + job.key()));
            Files.move(
                    place,
                    bench.folder().resolve("draft-old-" + job.key()),
                    StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(whole, place, StandardCopyOption.ATOMIC_MOVE);
    }

    /// What the layers below hold.
    private Lock below(String parent) throws IOException {
        List<String> chain = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String key = parent;
        while (!key.isEmpty() && seen.add(key)) {
            chain.addFirst(key);
            key = Files.readString(home.layers().resolve(key).resolve(PARENT)).strip();
        }
        Lock below = Lock.EMPTY;
        for (String layer : chain) {
            below =
                    Lock.parse(Files.readString(home.layers().resolve(layer).resolve(LOCK)))
                            .over(below);
        }
        return below;
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
            return name
                    + copy.toUri()
                            .toString()
                            .replace("file:/", "file:///")
                            .replace("file://///", "file:///");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read an uploaded archive", e);
        }
    }

    private Installer.Bench bench(String account) throws IOException {
        Path folder = Files.createDirectories(benches().resolve(account));
        Files.createDirectories(folder.resolve("cache"));
        Path orders = Files.createTempDirectory(folder, "draft-orders-");
        open(orders);
        return new Installer.Bench(folder, Files.createTempDirectory(folder, "draft-"), orders);
    }

    private Path benches() {
        return home.layers().resolve(".builds");
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    /// Readable by runners, whatever user they run as.
    private static void open(Path folder) {
        folder.toFile().setReadable(true, false);
        folder.toFile().setExecutable(true, false);
    }
}
