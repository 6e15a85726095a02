package mews.fleet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.model.AppName;
import mews.model.Revision;
import org.jspecify.annotations.Nullable;

/// The revisions that a warm slot is to have parents for whenever its first parent is replaced. Not
/// thread-safe.
final class Wanted {
    private static final int MOST = 8;

    private final Map<AppName, Revision> toSetUp = new LinkedHashMap<>();
    private @Nullable Revision newest;

    /// A runner of it came up last.
    void used(Revision revision) {
        newest = revision;
    }

    /// It asks for a parent that ran `setup()`, before any of its runners did. An older one of its
    /// app does so no longer.
    void toSetUp(Revision revision) {
        noneToSetUp(revision.app());
        toSetUp.put(revision.app(), revision);
        if (toSetUp.size() > MOST) {
            toSetUp.remove(toSetUp.keySet().iterator().next());
        }
    }

    void noneToSetUp(AppName app) {
        toSetUp.remove(app);
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
