package mews.build;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Home;
import mews.model.Image;

/// Archives and index pages that uv keeps, one folder for each account. Thread-safe.
public final class PackageCache implements CacheSource {
    /// How what a build makes and removes again begins.
    static final String DRAFT = "draft-";

    private static final String CACHE = "cache";

    private final Home home;
    private final Holds holds = new Holds();
    private final ReentrantLock moving = new ReentrantLock();

    public PackageCache(Home home) {
        this.home = home;
    }

    /// uv's cache for builds, in which a stranger's code could write.
    static Path built(Path bench) {
        return bench.resolve(CACHE).resolve("built");
    }

    /// What uv downloads and unpacks where nobody's code runs.
    static Path wheels(Path bench) {
        return bench.resolve(CACHE).resolve("wheels");
    }

    /// Wheels ready to be linked into layers.
    WheelStore store(String account, String minor) {
        return new WheelStore(stores(bench(account)), minor);
    }

    private static Path stores(Path bench) {
        return bench.resolve(CACHE).resolve("store");
    }

    /// Where an account's builds work.
    Path bench(String account) {
        return benches().resolve(account);
    }

    /// The account's cache, for one build.
    ///
    /// @param hold of that build
    void open(String account, Holds.Hold hold) throws IOException {
        moving.lock();
        try {
            hold.add(account);
            Path cache = bench(account).resolve(CACHE);
            Files.createDirectories(built(bench(account)));
            Files.createDirectories(wheels(bench(account)));
            Files.setLastModifiedTime(cache, java.nio.file.attribute.FileTime.from(Instant.now()));
        } finally {
            moving.unlock();
        }
    }

    /// Deletes what killed builds left.
    void sweep() throws IOException {
        if (!Files.isDirectory(benches())) {
            return;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(benches())) {
            for (Path bench : all) {
                sweep(bench);
                sweep(wheels(bench));
                sweep(stores(bench));
            }
        }
    }

    private static void sweep(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> drafts = Files.newDirectoryStream(folder, DRAFT + "*")) {
            for (Path draft : drafts) {
                Folders.delete(draft);
            }
        }
    }

    Holds.Hold hold() {
        return holds.take();
    }

    Path benches() {
        return home.layers().resolve(".builds");
    }

    @Override
    public String kind() {
        return "packages";
    }

    @Override
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (!Files.isDirectory(benches())) {
            return entries;
        }
        try (Stream<Path> benches = Files.list(benches())) {
            for (Path bench : benches.toList()) {
                Path cache = bench.resolve(CACHE);
                if (Files.isDirectory(cache)) {
                    entries.add(entry(bench.getFileName().toString(), cache));
                }
            }
        }
        return entries;
    }

    @Override
    public Set<String> partsOf(Image image) {
        return Set.of();
    }

    @Override
    public Set<String> held() {
        return holds.keys();
    }

    @Override
    public boolean remove(Entry entry) throws IOException {
        Path cache = bench(entry.key()).resolve(CACHE);
        Path trash;
        moving.lock();
        try {
            if (holds.keys().contains(entry.key())
                    || !Files.isDirectory(cache)
                    || !lastUsed(cache).equals(entry.lastUsed())) {
                return false;
            }
            trash = Trash.moveAway(home.layers(), cache);
        } finally {
            moving.unlock();
        }
        Folders.delete(trash);
        return true;
    }

    private static Entry entry(String name, Path cache) throws IOException {
        return new Entry(
                "packages",
                name,
                name.startsWith(".") ? "" : name,
                DiskSpace.freedBy(cache),
                "downloaded archives and index pages",
                lastUsed(cache),
                Set.of());
    }

    private static Instant lastUsed(Path cache) throws IOException {
        return Files.getLastModifiedTime(cache).toInstant();
    }
}
