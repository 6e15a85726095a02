package mews.build.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mews.build.CacheSource;
import mews.model.Image;
import org.jspecify.annotations.Nullable;

/// Finished container images as the cache sees them. Layers that several images have are counted
/// with the first of them. Thread-safe.
public final class ImageShelf implements CacheSource {
    private final ImageFolders folders;
    private final ImageWorkshop workshop;

    public ImageShelf(ImageFolders folders, ImageWorkshop workshop) {
        this.folders = folders;
        this.workshop = workshop;
    }

    @Override
    public String kind() {
        return "image";
    }

    @Override
    public List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        Map<String, Map<String, Long>> sizes = new HashMap<>();
        Set<String> counted = new HashSet<>();
        for (String root : folders.roots()) {
            ImageFolders.@Nullable Card card = folders.card(root);
            if (card == null) {
                continue;
            }
            Map<String, Long> known = sizes.get(card.account());
            if (known == null) {
                known = workshop.stores(folders).sizes(card.account());
                sizes.put(card.account(), known);
            }
            long bytes = 0;
            for (String layer : card.layers()) {
                long size = known.getOrDefault(layer, 0L);
                bytes += counted.add(card.account() + layer) ? size : 0;
                bytes += folders.copied() ? size : 0;
            }
            entries.add(
                    new Entry(
                            kind(),
                            root,
                            card.account(),
                            bytes,
                            "container image, Python %s".formatted(card.image().pythonVersion()),
                            folders.lastUsed(root),
                            Set.of()));
        }
        return entries;
    }

    @Override
    public Set<String> partsOf(Image image) {
        String root = image.root();
        return root == null ? Set.of() : Set.of(root);
    }

    /// What a build just made counts as used a moment ago.
    @Override
    public Set<String> held() {
        return Set.of();
    }

    @Override
    public boolean remove(Entry entry) throws IOException {
        ImageFolders.@Nullable Card card = folders.card(entry.key());
        if (card == null || !folders.remove(entry.key(), entry.lastUsed())) {
            return false;
        }
        for (String root : folders.roots()) {
            ImageFolders.@Nullable Card other = folders.card(root);
            if (other != null && other.stored().equals(card.stored())) {
                return true;
            }
        }
        workshop.remove(folders, card.account(), List.of(card.stored()));
        return true;
    }
}
