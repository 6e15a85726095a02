package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Home;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stores that images are built in, one for each account: what one account may read never
/// serves another. Working containers lie in memory, since the builder copies a step's secrets into
/// them.
final class ImageStores {
    private static final Logger LOG = LoggerFactory.getLogger(ImageStores.class);
    private static final String CONTAINERS = "overlay-containers";

    private final Home home;
    private final ImageFolders folders;

    ImageStores(Home home, ImageFolders folders) {
        this.home = home;
        this.folders = folders;
    }

    /// Where logins and secrets of builds lie.
    Path memory() {
        return ImageBench.memory(home);
    }

    /// Makes sure that the account's store is there and works in memory.
    void prepare(String account) throws IOException {
        Path root = Files.createDirectories(folders.store(account).resolve("root"));
        Files.createDirectories(folders.run(account));
        Path containers = root.resolve(CONTAINERS);
        Path inMemory = memory().resolve("stores").resolve(account);
        ImageBench.makePrivate(memory());
        Files.createDirectories(inMemory);
        if (!Files.exists(containers)) {
            Files.deleteIfExists(containers);
            Files.createSymbolicLink(containers, inMemory);
        }
    }

    /// Deletes secrets and drafts of builds that were killed; at the start of a server.
    void sweep() throws IOException {
        Folders.delete(memory().resolve("drafts"));
        Path stores = memory().resolve("stores");
        for (Path account : list(stores)) {
            for (Path container : list(account)) {
                Folders.delete(container.resolve("userdata/secrets"));
            }
        }
        for (String account : accounts()) {
            Folders.delete(folders.store(account).resolve("drafts"));
        }
    }

    /// Leaves nothing in memory, unless a working container is still known there.
    void close() throws IOException {
        sweep();
        for (Path account : list(memory().resolve("stores"))) {
            if (!busy(account)) {
                Folders.delete(account);
            }
        }
        if (list(memory().resolve("stores")).isEmpty()) {
            Folders.delete(memory());
        }
    }

    private static boolean busy(Path containers) throws IOException {
        Path listed = containers.resolve("containers.json");
        return Files.exists(listed) && Files.size(listed) > "[]".length();
    }

    /// Takes down working containers of builds that were killed, with what they wrote.
    void removeContainers(ImageBuilder builder) throws IOException {
        for (String account : accounts()) {
            if (busy(folders.store(account).resolve("root").resolve(CONTAINERS))) {
                clean(builder, account, List.of());
            }
        }
    }

    /// Removes images and the layers that only they have.
    void remove(ImageBuilder builder, String account, Collection<String> images)
            throws IOException {
        List<String> there = new ArrayList<>(images);
        there.retainAll(builder.files(folders.store(account)).images());
        if (!there.isEmpty()) {
            prepare(account);
            clean(builder, account, there);
        }
    }

    /// Of each builder that was used.
    List<ImageFiles> files(String account) {
        return ImageFiles.all(folders.store(account));
    }

    /// Bytes of each layer, by the name that cards have for it.
    Map<String, Long> sizes(String account) throws IOException {
        Map<String, Long> sizes = new HashMap<>();
        for (ImageFiles files : files(account)) {
            sizes.putAll(files.sizes());
        }
        return sizes;
    }

    Set<String> accounts() throws IOException {
        Set<String> accounts = new HashSet<>();
        for (Path store : list(home.images().resolve(".stores"))) {
            accounts.add(store.getFileName().toString());
        }
        return accounts;
    }

    private void clean(ImageBuilder builder, String account, Collection<String> images)
            throws IOException {
        builder.clean(folders.store(account), folders.run(account), images)
                .ifPresent(reason ->
                        LOG.warn(
                                "store of images is not tidy account={} reason={}",
                                account,
                                reason));
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory).toList();
        }
    }
}
