package mews.fleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import mews.base.Hashes;
import mews.base.Json;
import mews.base.Loop;
import mews.model.Callable;
import mews.model.DataMounts;
import mews.model.Image;
import mews.model.Refusal;
import mews.model.Revision;
import mews.sandbox.SandboxSpec.Limits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The warm parents of this server: one for each environment, account and set of variables, and
/// below it one for each revision that was used. They share a budget of memory; the least used goes
/// first. Everything here is an offer: where there is no parent, runners start plainly.
/// Thread-safe.
final class WarmParents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmParents.class);
    private static final Duration TENDING = Duration.ofSeconds(5);

    /// Variables may be read while something is imported, so they belong to what a parent is. Its
    /// forks are shown the data that it is shown.
    ///
    /// @param layers the folders themselves: one that was built again has the name of the one
    ///   before
    private record Key(List<String> layers, String account, String variables, DataMounts mounts) {}

    private final Ground ground;
    private final RunnerSource source;
    private final LearnedImports learned;
    private final Map<Key, WarmSlot> slots = new ConcurrentHashMap<>();
    private final Snapshots snapshots;
    private final String refusal;
    private final boolean offered;
    private final Loop loop;
    private final AtomicInteger evictions = new AtomicInteger();
    private volatile boolean closed;

    WarmParents(Ground ground, RunnerSource source) {
        this.ground = ground;
        this.source = source;
        this.learned = new LearnedImports(ground.home().environments().resolve("imports"));
        this.snapshots = new Snapshots(ground);
        this.refusal =
                ground.warm().memoryBytes() == 0
                        ? "runners.warm_memory is 0"
                        : ground.sandbox().noForks();
        this.offered = refusal.isEmpty();
        if (offered) {
            LOG.info(
                    "runners are forked from warm parents budget_mb={} ahead={}",
                    ground.warm().memoryBytes() / 1_000_000,
                    ground.warm().ahead());
        } else {
            LOG.info("runners start plainly, without warm parents reason={}", refusal);
        }
        this.loop = Loop.start("warm-parents", TENDING, this::tend);
    }

    /// Sees to it that there will be a parent for runners of this revision.
    void warm(Revision revision) {
        try {
            if (!serves(revision)) {
                if (revision.spec().snapshot()) {
                    snapshots.refused(
                            revision,
                            offered
                                    ? "runners from images are started plainly, not forked"
                                    : "this server has no warm parents: " + refusal);
                }
            } else if (snapshots.wants(revision)) {
                slot(revision).setUpSoon(revision);
            } else {
                slot(revision).warmSoon(revision.app());
            }
        } catch (Refusal e) {
            LOG.debug("no parent for now app={} reason={}", revision.app(), e.getMessage());
        }
    }

    /// @param secrets of the app, by name
    /// @return a process that waits for its start message; null if it is to be started plainly
    @Nullable Berth take(RunnerOrder order, Map<String, String> secrets, Limits limits) {
        // An import may look for devices, and remember that the parent had none.
        if (!serves(order.revision()) || order.machine().gpus() > 0) {
            return null;
        }
        return slot(order.revision(), secrets).take(order.revision(), limits);
    }

    /// What a runner of this revision had to import by itself.
    void learned(Revision revision, List<String> modules) {
        if (serves(revision)
                && learned.add(revision.image().key(), revision.app().owner(), modules)) {
            slot(revision).outdated();
        }
    }

    /// A runner of this revision became ready.
    void served(Revision revision) {
        if (serves(revision)) {
            slot(revision).branchSoon(revision);
        }
    }

    /// Ends all parents. Runners that they forked are to be ended before.
    @Override
    public void close() {
        closed = true;
        loop.close();
        slots.values().forEach(WarmSlot::close);
    }

    private boolean serves(Revision revision) {
        return offered
                && !closed
                && revision.image().root() == null
                && !(revision.spec().callable() instanceof Callable.OwnProcess);
    }

    private WarmSlot slot(Revision revision) {
        return slot(
                revision,
                ground.secrets()
                        .forRunner(
                                revision.app().owner(),
                                revision.app().environment(),
                                revision.spec().secrets()));
    }

    private WarmSlot slot(Revision revision, Map<String, String> secrets) {
        Map<String, String> variables =
                RunnerVariables.shared(ground, revision, DataMounts.ROOT, secrets);
        Launch launch = Launch.of(ground, source, revision);
        Key key =
                new Key(
                        layers(revision.image()),
                        launch.account(),
                        Hashes.sha256Hex(Json.write(variables)),
                        launch.mounts());
        return slots.computeIfAbsent(
                key, missing -> new WarmSlot(ground, launch, variables, learned, snapshots));
    }

    private List<String> layers(Image image) {
        List<String> layers = new ArrayList<>(List.of(image.key()));
        for (String layer : image.layers()) {
            Path folder = ground.home().layers().resolve(layer);
            try {
                layers.add(
                        String.valueOf(
                                Files.readAttributes(folder, BasicFileAttributes.class).fileKey()));
            } catch (IOException e) {
                layers.add("gone");
            }
        }
        return List.copyOf(layers);
    }

    private void tend() {
        slots.values().forEach(WarmSlot::tend);
        record Sized(WarmSlot slot, Instant used, long bytes) {}
        List<Sized> sizes = new ArrayList<>();
        for (WarmSlot slot : slots.values()) {
            sizes.add(new Sized(slot, slot.lastUse(), slot.memoryBytes()));
        }
        sizes.sort(Comparator.comparing(Sized::used));
        long total = sizes.stream().mapToLong(Sized::bytes).sum();
        for (Sized next : sizes) {
            if (total <= ground.warm().memoryBytes()) {
                return;
            }
            if (next.bytes() > 0) {
                LOG.info(
                        "warm parent evicted image={} bytes={} of={}",
                        next.slot().image(),
                        next.bytes(),
                        total);
                next.slot().evict(next.bytes() > ground.warm().memoryBytes());
                evictions.incrementAndGet();
                total -= next.bytes();
            }
        }
    }

    /// For diagnosis and tests.
    long memoryBytes() {
        return slots.values().stream().mapToLong(WarmSlot::memoryBytes).sum();
    }

    /// Whether a runner of this revision would be forked now, from a parent that has its callable.
    boolean hasBranch(Revision revision) {
        return serves(revision) && slot(revision).hasBranch(revision.id());
    }

    boolean isWarm(Revision revision) {
        return serves(revision) && slot(revision).isWarm();
    }

    /// How often the budget of memory was not enough.
    int evictions() {
        return evictions.get();
    }

    /// The modules that its parent imports, beyond what all do.
    List<String> learnedOf(Revision revision) {
        return learned.of(revision.image().key(), revision.app().owner());
    }

    int waiting(Revision revision) {
        return serves(revision) ? slot(revision).waiting() : 0;
    }
}
