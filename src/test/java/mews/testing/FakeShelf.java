package mews.testing;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import mews.build.CacheSource;
import mews.model.Image;

/// Things in a cache, without a disk.
public final class FakeShelf implements CacheSource {
    public final List<Entry> things = new CopyOnWriteArrayList<>();

    @Override
    public String kind() {
        return "layer";
    }

    @Override
    public List<Entry> entries() {
        return List.copyOf(things);
    }

    @Override
    public Set<String> partsOf(Image image) {
        return Set.copyOf(image.layers());
    }

    @Override
    public Set<String> held() {
        return Set.of();
    }

    @Override
    public boolean remove(Entry entry) {
        return things.remove(entry);
    }
}
