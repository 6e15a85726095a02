package mews.fleet;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What a warm slot has while it has a parent. What changes in it is guarded by its slot.
///
/// @param branches parents with the callable of a revision, the oldest first
/// @param barren forks in a row that did not come
/// @param tried revisions for which a branch was made, or could not be made
record House(
        Nursery nursery,
        Nursery.Parent parent,
        Ahead ahead,
        Map<UUID, Nursery.Parent> branches,
        Set<UUID> tried,
        AtomicInteger barren) {
    static House of(Nursery nursery, Nursery.Parent parent, Ahead ahead) {
        return new House(
                nursery,
                parent,
                ahead,
                new LinkedHashMap<>(),
                new HashSet<>(),
                new AtomicInteger());
    }

    /// The one that knows most of what a revision needs; null if all are gone.
    Nursery.@Nullable Parent parentFor(UUID revision) {
        Nursery.Parent branch = branches.get(revision);
        if (branch != null && branch.alive()) {
            return branch;
        }
        return parent.alive() ? parent : null;
    }

    /// @return the branch that must go for it; null if there is room
    Nursery.@Nullable Parent keep(UUID revision, Nursery.Parent made, int most) {
        branches.put(revision, made);
        if (branches.size() <= most) {
            return null;
        }
        UUID oldest = branches.keySet().iterator().next();
        tried.remove(oldest);
        return branches.remove(oldest);
    }

    /// Goes with its last runner.
    void retire() {
        ahead.close();
        branches.values().forEach(nursery::dismiss);
        nursery.dismiss(parent);
        nursery.retire();
    }
}
