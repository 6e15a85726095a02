package mews.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import mews.base.Loop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything that builds keep on disk to be used again, held below a limit. Thread-safe.
public final class Cache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cache.class);

    private static final Duration LOOK = Duration.ofMinutes(5);

    /// Between the end of a build and the row or runner that needs it.
    private static final Duration SETTLING = Duration.ofMinutes(1);

    /// @param usedBy who needs it, in words; empty: nobody, it may go
    public record Listed(CacheSource.Entry entry, List<String> usedBy) {}

    /// @param removed in this order; with a dry run, what would be
    /// @param settling how many stay only because they were in use a moment ago
    public record Pruned(List<CacheSource.Entry> removed, long freedBytes, long settling) {}

    /// @param bytes of all entries may come to
    /// @param leastFree on the disk, for builds to start
    public record Limits(long bytes, DiskSpace leastFree) {}

    private final List<CacheSource> sources;
    private final List<ImageUsers> users;
    private final Limits limits;
    private final InstantSource clock;
    private final Loop loop;
    private final ReentrantLock pruning = new ReentrantLock();

    /// Looks after the limit from now on.
    public static Cache open(
            List<CacheSource> sources, List<ImageUsers> users, Limits limits, InstantSource clock) {
        return new Cache(sources, users, limits, clock);
    }

    private Cache(
            List<CacheSource> sources, List<ImageUsers> users, Limits limits, InstantSource clock) {
        this.sources = List.copyOf(sources);
        this.users = List.copyOf(users);
        this.limits = limits;
        this.clock = clock;
        this.loop = Loop.start("cache", LOOK, this::keepBelowLimit);
    }

    public long limitBytes() {
        return limits.bytes();
    }

    /// Most recently used first.
    public List<Listed> list() {
        List<ImageUsers.Use> uses = users.stream().flatMap(all -> all.uses().stream()).toList();
        List<Listed> listed = new ArrayList<>();
        for (CacheSource source : sources) {
            listed.addAll(list(source, uses));
        }
        listed.sort(
                Comparator.comparing((Listed each) -> each.entry().lastUsed())
                        .reversed()
                        .thenComparing(each -> each.entry().key()));
        return listed;
    }

    /// @param all everything that nobody needs; otherwise as much as is above the limit
    /// @param dryRun only say what would go
    public Pruned prune(boolean all, boolean dryRun) {
        pruning.lock();
        try {
            List<Listed> listed = list();
            Instant settled = clock.instant().minus(SETTLING);
            Pruning rule = new Pruning(all ? Long.MAX_VALUE : surplus(listed), settled);
            List<CacheSource.Entry> chosen =
                    rule.choose(
                            listed.stream()
                                    .map(each ->
                                            new Pruning.Item(
                                                    each.entry(), !each.usedBy().isEmpty()))
                                    .toList());
            List<CacheSource.Entry> removed =
                    dryRun ? chosen : chosen.stream().filter(this::remove).toList();
            long settling =
                    listed.stream()
                            .filter(each -> each.usedBy().isEmpty())
                            .filter(each -> !each.entry().lastUsed().isBefore(settled))
                            .count();
            return new Pruned(
                    removed, removed.stream().mapToLong(CacheSource.Entry::bytes).sum(), settling);
        } catch (IOException e) {
            throw new UncheckedIOException("the disk of the cache cannot be measured", e);
        } finally {
            pruning.unlock();
        }
    }

    @Override
    public void close() {
        loop.close();
    }

    private void keepBelowLimit() {
        Pruned pruned = prune(false, false);
        if (!pruned.removed().isEmpty()) {
            LOG.info(
                    "pruned the cache entries={} bytes={}",
                    pruned.removed().size(),
                    pruned.freedBytes());
        }
    }

    private long surplus(List<Listed> listed) throws IOException {
        long used = listed.stream().mapToLong(each -> each.entry().bytes()).sum();
        long overLimit = used - limits.bytes();
        long lacking = limits.leastFree().leastFree() - limits.leastFree().free();
        return Math.max(overLimit, lacking);
    }

    private boolean remove(CacheSource.Entry entry) {
        try {
            for (CacheSource source : sources) {
                if (source.kind().equals(entry.kind())) {
                    return source.remove(entry);
                }
            }
            return false;
        } catch (IOException e) {
            LOG.warn("cannot prune kind={} key={}", entry.kind(), entry.key(), e);
            return false;
        }
    }

    private static List<Listed> list(CacheSource source, List<ImageUsers.Use> uses) {
        try {
            List<CacheSource.Entry> entries = source.entries();
            Map<String, Set<String>> usedBy = new HashMap<>();
            for (ImageUsers.Use use : uses) {
                source.partsOf(use.image()).forEach(key -> add(usedBy, key, use.by()));
            }
            source.held().forEach(key -> add(usedBy, key, source.holder(key)));
            inherit(entries, usedBy);
            return entries.stream()
                    .map(entry ->
                            new Listed(
                                    entry, List.copyOf(usedBy.getOrDefault(entry.key(), Set.of()))))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the cache cannot be listed", e);
        }
    }

    /// What a needed entry stands on is needed for the same reasons.
    private static void inherit(List<CacheSource.Entry> entries, Map<String, Set<String>> usedBy) {
        boolean more = true;
        while (more) {
            more = false;
            for (CacheSource.Entry entry : entries) {
                for (String reason : List.copyOf(usedBy.getOrDefault(entry.key(), Set.of()))) {
                    for (String below : entry.needs()) {
                        more |= add(usedBy, below, reason);
                    }
                }
            }
        }
    }

    private static boolean add(Map<String, Set<String>> usedBy, String key, String reason) {
        return usedBy.computeIfAbsent(key, none -> new LinkedHashSet<>()).add(reason);
    }
}
