package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Hashes;
import mews.base.Home;
import mews.base.Json;
import mews.build.Trash;
import mews.host.IdRanges;
import mews.model.ContainerSettings;
import mews.model.Image;
import mews.sandbox.ImageUser;
import mews.sandbox.SandboxSpec.User;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finished container images: a folder each, drafted where nobody looks and moved into place when
/// complete. Its file system is mounted from the layers in the account's store, and mounted again
/// after a restart. Thread-safe.
public final class ImageFolders implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFolders.class);
    private static final String CARD = "image.json";
    private static final String SETTINGS = "settings.json";
    private static final String ROOTFS = "rootfs";

    /// What is kept of an image beside its settings.
    ///
    /// @param image as deploys know it
    /// @param stored its id in the account's store
    /// @param layers folders below the store's overlay folder, uppermost first
    /// @param runner whether runners' own packages are needed beside it
    record Card(Image image, String account, String stored, List<String> layers, boolean runner) {}

    private static final String MERGED = "merged";

    private final Home home;
    private final @Nullable ImageCopies copies;
    private final ReentrantLock moving = new ReentrantLock();

    public ImageFolders(Home home) {
        this.home = home;
        this.copies = IdRanges.ofUser().map(ImageCopies::new).orElse(null);
    }

    /// Whether finished images have files of their own besides the layers in the store.
    boolean copied() {
        return copies != null;
    }

    /// Mounts whatever is finished and not mounted, such as after a reboot, and deletes what killed
    /// builds left. Called once, before the first build or start of a runner.
    public void open() throws IOException {
        new ImageStores(home, this).sweep();
        if (!Files.isDirectory(home.images())) {
            return;
        }
        Trash.sweep(home.images());
        try (Stream<Path> all = Files.list(home.images())) {
            for (Path folder : all.toList()) {
                String name = folder.getFileName().toString();
                if (name.startsWith(".tmp-")) {
                    Mounts.takeDown(folder.resolve(ROOTFS));
                    IdRanges.delete(folder);
                } else if (!name.startsWith(".") && !mount(name)) {
                    LOG.warn("image cannot be mounted root={}", name);
                }
            }
        }
    }

    /// Takes down the mounts; what a process still uses goes with that process.
    @Override
    public void close() {
        for (Path mounted : Mounts.below(home.images())) {
            Mounts.takeDown(mounted);
        }
        try {
            new ImageStores(home, this).close();
        } catch (IOException e) {
            LOG.warn("something of builds is left in memory", e);
        }
    }

    /// Makes sure that the file system of a finished image is there.
    ///
    /// @param root as an image names it
    /// @return false if the image is not on this machine, or not as a whole
    public boolean mount(String root) {
        try {
            @Nullable Card card = card(root);
            if (card == null) {
                return false;
            }
            Path place = home.images().resolve(root).resolve(ROOTFS);
            moving.lock();
            try {
                if (copies == null && !Mounts.has(place)) {
                    mount(card, place);
                }
            } finally {
                moving.unlock();
            }
            return true;
        } catch (IOException e) {
            LOG.warn("image cannot be mounted root={}", root, e);
            return false;
        }
    }

    /// Counts as use of it.
    void used(String root) {
        try {
            Files.setLastModifiedTime(
                    home.images().resolve(root).resolve(CARD), FileTime.from(Instant.now()));
        } catch (IOException e) {
            // Taken away in this moment; whoever wants it finds out by looking.
        }
    }

    /// @return null if it is not there
    @Nullable Card card(String root) throws IOException {
        Path file = home.images().resolve(root).resolve(CARD);
        return Files.exists(file)
                ? Json.MAPPER.readValue(Files.readString(file), Card.class)
                : null;
    }

    /// Gives the file system of an image that is not finished yet to somebody.
    ///
    /// @param look must not keep the paths
    <T> @Nullable T look(String account, List<String> layers, Look<T> look)
            throws IOException, InterruptedException {
        Files.createDirectories(home.images());
        Path draft = Files.createTempDirectory(home.images(), ".tmp-");
        Path place = Files.createDirectory(draft.resolve(ROOTFS));
        try {
            if (copies != null) {
                return copies.look(stack(account, layers), place, look);
            }
            mount(account, layers, place);
            return look.at(new Seen(place, List.of(), place));
        } finally {
            Mounts.takeDown(place);
            Folders.delete(draft);
        }
    }

    interface Look<T> {
        @Nullable T at(Seen seen) throws IOException, InterruptedException;
    }

    /// @param files root of the file system as this server sees it
    /// @param enter words that lead a command to where it can be entered
    /// @param there its root, for such a command
    record Seen(Path files, List<String> enter, Path there) {
        mews.sandbox.ImageFiles image() {
            return new mews.sandbox.ImageFiles(files);
        }
    }

    /// Finishes an image; one of that root that is there already is as good, and stays.
    void keep(Card card, ContainerSettings settings) throws IOException, InterruptedException {
        String root = root(card);
        Path place = home.images().resolve(root);
        if (card(root) == null) {
            Files.createDirectories(home.images());
            Path draft = Files.createTempDirectory(home.images(), ".tmp-");
            try {
                fill(Files.createDirectory(draft.resolve(ROOTFS)), card, settings);
                Files.writeString(
                        draft.resolve(SETTINGS), Json.MAPPER.writeValueAsString(settings));
                Files.writeString(draft.resolve(CARD), Json.MAPPER.writeValueAsString(card));
                draft.toFile().setReadable(true, false);
                draft.toFile().setExecutable(true, false);
                move(draft, place);
            } finally {
                IdRanges.delete(draft);
            }
        }
        if (!mount(root)) {
            throw new IOException("the new image %s cannot be mounted".formatted(root));
        }
    }

    /// Names of all finished images.
    List<String> roots() throws IOException {
        if (!Files.isDirectory(home.images())) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(home.images())) {
            return all.map(folder -> folder.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        }
    }

    Instant lastUsed(String root) throws IOException {
        return Files.getLastModifiedTime(home.images().resolve(root).resolve(CARD)).toInstant();
    }

    /// Takes a finished image away.
    ///
    /// @param unused since then
    /// @return false if it stays, since it was used later
    boolean remove(String root, Instant unused) throws IOException {
        Path folder = home.images().resolve(root);
        moving.lock();
        try {
            if (!Files.exists(folder.resolve(CARD)) || !lastUsed(root).equals(unused)) {
                return false;
            }
            Mounts.takeDown(folder.resolve(ROOTFS));
            Trash.throwAway(home.images(), folder);
            return true;
        } finally {
            moving.unlock();
        }
    }

    /// The account's store.
    Path store(String account) {
        return home.images().resolve(".stores").resolve(account);
    }

    /// What of the store need not outlive a reboot.
    Path run(String account) {
        return home.sockets().resolve("i").resolve(Hashes.sha256Hex(account).substring(0, 8));
    }

    private static void move(Path draft, Path place) throws IOException {
        try {
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Another build of the same content was faster.
            if (!Files.exists(place.resolve(CARD))) {
                throw e;
            }
        }
    }

    private void mount(Card card, Path place) throws IOException {
        mount(card.account(), card.layers(), place);
    }

    /// Copies the files of an image where they cannot be mounted.
    private void fill(Path place, Card card, ContainerSettings settings)
            throws IOException, InterruptedException {
        if (copies != null) {
            LayerStack stack = stack(card.account(), card.layers());
            Path merged = Files.createDirectory(place.resolveSibling(MERGED));
            @Nullable ImageUser user =
                    copies.look(stack, merged, seen -> ImageUser.of(seen.image(), settings.user()));
            User owner = user == null ? User.ROOT : user.user();
            copies.make(stack, merged, place, owner);
            Files.delete(merged);
        }
    }

    /// Read-only: what a runner writes never reaches the image.
    private void mount(String account, List<String> layers, Path place) throws IOException {
        LayerStack stack = stack(account, layers);
        Mounts.overlay(stack.overlay(), stack.lower(), place);
    }

    private LayerStack stack(String account, List<String> layers) throws IOException {
        return LayerStack.of(store(account), layers);
    }

    private static String root(Card card) {
        @Nullable String root = card.image().root();
        if (root == null) {
            throw new IllegalArgumentException("no container image: " + card.image().key());
        }
        return root;
    }
}
