package mews.build;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Decides what of a cache goes: longest unused first, and nothing that stays needs it. Pure.
///
/// @param surplus bytes to be rid of
/// @param usedBefore what was used since then stays
record Pruning(long surplus, Instant usedBefore) {
    /// A thing among those of all kinds.
    record Item(CacheSource.Entry entry, boolean needed) {
        private Id id() {
            return new Id(entry.kind(), entry.key());
        }
    }

    private record Id(String kind, String key) {}

    /// @return in an order in which each may go before what it stands on
    List<CacheSource.Entry> choose(List<Item> items) {
        List<CacheSource.Entry> chosen = new ArrayList<>();
        List<Item> left = new ArrayList<>(items);
        long freed = 0;
        while (freed < surplus) {
            Set<Id> stoodOn = stoodOn(left);
            Item next =
                    left.stream()
                            .filter(item -> !item.needed())
                            .filter(item -> item.entry().lastUsed().isBefore(usedBefore))
                            .filter(item -> !stoodOn.contains(item.id()))
                            .min(
                                    Comparator.comparing((Item item) -> item.entry().lastUsed())
                                            .thenComparing(item -> item.entry().key()))
                            .orElse(null);
            if (next == null) {
                break;
            }
            left.remove(next);
            chosen.add(next.entry());
            freed += Math.max(1, next.entry().bytes());
        }
        return chosen;
    }

    private static Set<Id> stoodOn(List<Item> items) {
        Set<Id> keys = new HashSet<>();
        for (Item item : items) {
            item.entry().needs().forEach(key -> keys.add(new Id(item.entry().kind(), key)));
        }
        return keys;
    }
}
