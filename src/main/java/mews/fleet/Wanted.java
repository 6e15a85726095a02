package mews.fleet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.Revision;
import org.jspecify.annotations.Nullable;

/// The revisions that a warm slot is to have parents for whenever its first parent is replaced. Not
/// thread-safe.
final class Wanted {
    private static final int MOST = 8;

    private final Map<UUID, Revision> toSetUp = new LinkedHashMap<>();
    private @Nullable Revision newest;

    /// A runner of it came up last.
    void used(Revision revision) {
        newest = revision;
    }

    /// It asks for a parent that ran `setup()`, before any of its runners did.
    void toSetUp(Revision revision) {
        toSetUp.put(revision.id(), revision);
        if (toSetUp.size() > MOST) {
            toSetUp.remove(toSetUp.keySet().iterator().next());
        }
    }

    /// The most recently used one first.
    List<Revision> all() {
        List<Revision> all = new ArrayList<>();
        if (newest != null) {
            all.add(newest);
        }
        all.addAll(toSetUp.values());
        return all;
    }
}
