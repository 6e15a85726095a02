package mews.build.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mews.build.CacheSource;
import mews.model.Image;
import org.jspecify.annotations.Nullable;

/// What the builds of images keep besides finished ones, for each account: bases that were fetched,
/// and images between two steps, so that an unchanged step is not run again. Thread-safe.
public final class StepCache implements CacheSource {
    private static final String USED = "used";

    private final ImageFolders folders;
    private final ImageWorkshop workshop;

    public StepCache(ImageFolders folders, ImageWorkshop workshop) {
        this.folders = folders;
        this.workshop = workshop;
    }

    /// Counts as use, before a build.
    static void touch(Path store) throws IOException {
        Path used = store.resolve(USED);
        if (Files.exists(used)) {
            Files.setLastModifiedTime(used, FileTime.from(Instant.now()));
        } else {
            Files.createFile(used);
        }
    }

    @Override
    public String kind() {
        return "steps";
    }

    @Override
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        ImageStores stores = workshop.stores(folders);
        for (String account : stores.accounts()) {
            Path used = folders.store(account).resolve(USED);
            Map<String, Long> sizes = stores.sizes(account);
            for (ImageFolders.Card card : cards(account)) {
                sizes.keySet().removeAll(card.layers());
            }
            if (Files.exists(used) && !sizes.isEmpty()) {
                entries.add(
                        new Entry(
                                kind(),
                                account,
                                account,
                                sizes.values().stream().mapToLong(Long::longValue).sum(),
                                "bases and steps of image builds",
                                Files.getLastModifiedTime(used).toInstant(),
                                Set.of()));
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
        return workshop.holds().keys();
    }

    @Override
    public boolean remove(Entry entry) throws IOException {
        Path used = folders.store(entry.account()).resolve(USED);
        if (held().contains(entry.key())
                || !Files.getLastModifiedTime(used).toInstant().equals(entry.lastUsed())) {
            return false;
        }
        Set<String> kept = new HashSet<>();
        cards(entry.account()).forEach(card -> kept.add(card.stored()));
        List<String> rest = new ArrayList<>();
        for (ImageFiles files : workshop.stores(folders).files(entry.account())) {
            rest.addAll(files.images());
        }
        rest.removeAll(kept);
        workshop.remove(folders, entry.account(), rest);
        return true;
    }

    private List<ImageFolders.Card> cards(String account) throws IOException {
        List<ImageFolders.Card> cards = new ArrayList<>();
        for (String root : folders.roots()) {
            ImageFolders.@Nullable Card card = folders.card(root);
            if (card != null && card.account().equals(account)) {
                cards.add(card);
            }
        }
        return cards;
    }
}
