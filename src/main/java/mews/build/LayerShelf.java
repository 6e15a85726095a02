package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Home;
import mews.base.Json;
import mews.host.EnvironmentLayout;
import mews.model.Image;

/// Finished layers on disk: each a folder that appears whole and never changes. Thread-safe.
public final class LayerShelf implements CacheSource {
    static final String LOCK = "lock.txt";

    /// Its time of change is when the layer was last used.
    private static final String LABEL = "layer.json";

    /// There once the layer has all its byte code.
    private static final String COMPILED = "byte-code";

    /// What is kept beside a layer's files.
    ///
    /// @param parent key of the layer below, empty for the first
    /// @param python minor version it was made for
    record Label(String account, String parent, String python, long bytes, List<String> packages) {
        static final Label NONE = new Label("", "", "", 0, List.of());
    }

    private final Home home;
    private final EnvironmentLayout layout;
    private final InstantSource clock;
    private final Holds holds = new Holds();
    private final ReentrantLock moving = new ReentrantLock();
    private volatile Consumer<String> leaving = key -> {};

    public LayerShelf(Home home, EnvironmentLayout layout, InstantSource clock) {
        this.home = home;
        this.layout = layout;
        this.clock = clock;
    }

    /// @param listener told the key of a layer that is about to go, and ends whatever writes to it
    void beforeLeaving(Consumer<String> listener) {
        leaving = listener;
    }

    /// What one build needs while it runs.
    Holds.Hold hold() {
        return holds.take();
    }

    boolean has(String key) {
        return Files.isDirectory(home.layers().resolve(key));
    }

    /// Counts as use of the layer.
    void used(String key) {
        try {
            Files.setLastModifiedTime(labelFile(key), FileTime.from(clock.instant()));
        } catch (IOException e) {
            // Taken away in this moment; whoever wants it finds out by looking.
        }
    }

    /// Moves a finished draft into place.
    ///
    /// @param whole holds `site`, perhaps `bin`, and the lock
    /// @param anew replaces a layer that is there; otherwise that one stays
    void place(Path whole, String key, Label label, boolean anew) throws IOException {
        Files.writeString(whole.resolve(LABEL), Json.write(label));
        try (FileChannel lock = FileChannel.open(whole.resolve(LOCK), StandardOpenOption.READ)) {
            lock.force(true);
        }
        readable(whole);
        moving.lock();
        try {
            Path place = Files.createDirectories(home.layers()).resolve(key);
            if (Files.isDirectory(place)) {
                if (!anew) {
                    return;
                }
                leaving.accept(key);
                // It may be in use: who has it mounted keeps it until the end.
                Trash.retire(home.layers(), place);
            }
            Files.move(whole, place, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            moving.unlock();
        }
        used(key);
    }

    Path site(String key) {
        return home.layers().resolve(key).resolve("site");
    }

    Label label(String key) throws IOException {
        return label(home.layers().resolve(key));
    }

    /// Layers whose byte code was not finished.
    List<String> uncompiled() throws IOException {
        return entries().stream().map(Entry::key).filter(this::lacksByteCode).toList();
    }

    /// False also for a layer that is gone.
    boolean lacksByteCode(String key) {
        Path layer = home.layers().resolve(key);
        return Files.exists(layer.resolve(LABEL)) && !Files.exists(layer.resolve(COMPILED));
    }

    void compiled(String key) throws IOException {
        Path layer = home.layers().resolve(key);
        Label known = label(layer);
        FileTime used = Files.getLastModifiedTime(layer.resolve(LABEL));
        Label grown =
                new Label(
                        known.account(),
                        known.parent(),
                        known.python(),
                        DiskSpace.of(layer.resolve("site")),
                        known.packages());
        Path draft = Files.writeString(layer.resolve(LABEL + ".new"), Json.write(grown));
        Files.setLastModifiedTime(draft, used);
        Files.move(draft, layer.resolve(LABEL), StandardCopyOption.ATOMIC_MOVE);
        Files.writeString(layer.resolve(COMPILED), "");
    }

    /// What a layer and all below it hold.
    ///
    /// @param key empty for nothing
    Lock visible(String key) throws IOException {
        Lock visible = Lock.EMPTY;
        for (String layer : chain(key).reversed()) {
            visible = lock(layer).over(visible);
        }
        return visible;
    }

    /// What a layer itself was resolved to.
    Lock lock(String key) throws IOException {
        return Lock.parse(Files.readString(home.layers().resolve(key).resolve(LOCK)));
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

    @Override
    public String kind() {
        return "layer";
    }

    @Override
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (!Files.isDirectory(home.layers())) {
            return entries;
        }
        try (Stream<Path> layers = Files.list(home.layers())) {
            for (Path layer : layers.filter(LayerShelf::isLayer).toList()) {
                entries.add(entry(layer));
            }
        }
        return entries;
    }

    @Override
    public Set<String> partsOf(Image image) {
        return Set.copyOf(image.layers());
    }

    /// Those of running builds with all below them, and the packages of runners themselves.
    @Override
    public Set<String> held() {
        Set<String> held = new HashSet<>(holds.keys());
        for (String minor : minors()) {
            layout.support(minor)
                    .map(site -> site.resolveSibling("").getFileName().toString())
                    .ifPresent(held::add);
        }
        return held;
    }

    @Override
    public String holder(String key) {
        return holds.keys().contains(key)
                ? "a running build"
                : "every runner of its Python version";
    }

    @Override
    public boolean remove(Entry entry) throws IOException {
        Path layer = home.layers().resolve(entry.key());
        Path trash;
        moving.lock();
        try {
            boolean used =
                    Files.isDirectory(layer) && !entry(layer).lastUsed().equals(entry.lastUsed());
            if (used || held().contains(entry.key()) || !Files.isDirectory(layer)) {
                return false;
            }
            leaving.accept(entry.key());
            trash = Trash.moveAway(home.layers(), layer);
        } finally {
            moving.unlock();
        }
        Folders.delete(trash);
        return true;
    }

    private List<String> chain(String key) throws IOException {
        Set<String> chain = new LinkedHashSet<>();
        String layer = key;
        while (!layer.isEmpty() && chain.add(layer)) {
            layer = label(home.layers().resolve(layer)).parent();
        }
        return List.copyOf(chain);
    }

    private Entry entry(Path layer) throws IOException {
        Label label = label(layer);
        Path used = Files.exists(layer.resolve(LABEL)) ? layer.resolve(LABEL) : layer;
        return new Entry(
                kind(),
                layer.getFileName().toString(),
                label.account().startsWith(".") ? "" : label.account(),
                label.bytes(),
                Summary.of(label.packages()),
                Files.getLastModifiedTime(used).toInstant(),
                label.parent().isEmpty() ? Set.of() : Set.of(label.parent()));
    }

    private static Label label(Path layer) throws IOException {
        try {
            return Json.MAPPER.readValue(Files.readString(layer.resolve(LABEL)), Label.class);
        } catch (NoSuchFileException e) {
            return Label.NONE;
        }
    }

    private Path labelFile(String key) {
        return home.layers().resolve(key).resolve(LABEL);
    }

    private List<String> minors() {
        Path folder = home.environments();
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> links = Files.list(folder)) {
            return links.map(link -> link.getFileName().toString())
                    .filter(name -> name.startsWith("support-"))
                    .map(name -> name.substring("support-".length()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + folder, e);
        }
    }

    private static boolean isLayer(Path path) {
        return Files.isDirectory(path) && !path.getFileName().toString().startsWith(".");
    }

    /// By runners, whatever user they run as.
    static void readable(Path folder) {
        folder.toFile().setReadable(true, false);
        folder.toFile().setExecutable(true, false);
    }
}
