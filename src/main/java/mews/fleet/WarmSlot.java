package mews.fleet;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import mews.model.AppFile;
import mews.model.AppName;
import mews.model.Callable;
import mews.model.Revision;
import mews.sandbox.SandboxSpec.Limits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One environment of one account: its nursery with the parents in it, and the forks that wait.
/// Starting and branching happen on threads of their own. Thread-safe.
final class WarmSlot implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WarmSlot.class);
    private static final int MOST_BRANCHES = 8;
    private static final int MOST_FAILURES = 3;

    private final Ground ground;
    private final Launch launch;
    private final Map<String, String> variables;
    private final LearnedImports learned;
    private final Snapshots snapshots;
    private final Helpers helpers = new Helpers();
    private @Nullable House house;
    private Instant lastUse;
    private final Pause pause = new Pause();
    private final Wanted wanted = new Wanted();
    private @Nullable Limits asked;
    private boolean starting;
    private boolean outdated;
    private boolean closed;

    WarmSlot(
            Ground ground,
            Launch launch,
            Map<String, String> variables,
            LearnedImports learned,
            Snapshots snapshots) {
        this.snapshots = snapshots;
        this.ground = ground;
        this.launch = launch;
        this.variables = variables;
        this.learned = learned;
        this.lastUse = ground.clock().instant();
    }

    String image() {
        return launch.image().key();
    }

    synchronized Instant lastUse() {
        return lastUse;
    }

    /// A parent will be there soon, unless one failed a moment ago.
    synchronized void warmSoon() {
        boolean enough = house != null && !outdated;
        if (!closed && !starting && !enough && pause.over(now())) {
            starting = true;
            outdated = false;
            helpers.start("warm-" + image(), this::start);
        }
    }

    /// The same for an app that has no use for one that ran `setup()`.
    synchronized void warmSoon(AppName app) {
        wanted.noneToSetUp(app);
        warmSoon();
    }

    /// The same, and it will have run `setup()` of a revision.
    synchronized void setUpSoon(Revision revision) {
        wanted.toSetUp(revision);
        warmSoon();
        branch(revision);
    }

    /// @return null if there is no parent, or it cannot fork
    @Nullable Berth take(Revision revision, Limits limits) {
        House from;
        Nursery.Parent parent;
        synchronized (this) {
            lastUse = now();
            asked = limits;
            from = house;
            parent = from == null ? null : from.parentFor(revision.id());
            if (from == null || parent == null) {
                warmSoon();
                return null;
            }
        }
        List<AppFile> files = revision.spec().files();
        if (!files.isEmpty()) {
            return fork(from, parent, limits, files);
        }
        // What waits may hold folders that are in the hands of a stranger: no files go there.
        Berth ready = from.ahead().take(parent, limits);
        from.ahead().refillSoon(parent, limits);
        return ready == null ? fork(from, parent, limits, files) : ready;
    }

    /// There is more to import than the parent did.
    void outdated() {
        synchronized (this) {
            outdated = true;
        }
        warmSoon();
    }

    /// Has a parent of its own made for a revision, now and whenever their parent is replaced.
    synchronized void branchSoon(Revision revision) {
        wanted.used(revision);
        branch(revision);
    }

    private void branch(Revision revision) {
        House from = house;
        boolean decodes =
                switch (revision.spec().callable()) {
                    case Callable.Pickled pickled -> true;
                    case Callable.Kept kept -> true;
                    case Callable.EntryPoint entryPoint -> false;
                    case Callable.OwnProcess process -> false;
                };
        boolean worth = decodes || snapshots.wants(revision);
        if (worth && from != null && !outdated && !starting && from.tried().add(revision.id())) {
            helpers.start("branch-" + revision.id(), () -> branch(from, revision));
        }
    }

    /// Looks after what may have died meanwhile.
    void tend() {
        House now;
        synchronized (this) {
            now = house;
            if (now != null) {
                now.branches().entrySet().removeIf(each -> !each.getValue().alive());
            }
        }
        if (now != null) {
            now.ahead().tend();
            if (!now.parent().alive() || !now.nursery().alive()) {
                LOG.warn("a warm parent ended image={}", image());
                lost(now);
            }
        }
    }

    long memoryBytes() {
        House now;
        synchronized (this) {
            now = house;
        }
        return now == null ? 0 : now.nursery().memoryBytes() + now.ahead().memoryBytes();
    }

    /// @param tooLarge whether it would never fit
    void evict(boolean tooLarge) {
        synchronized (this) {
            if (tooLarge) {
                pause.longest(now());
            }
        }
        replace(null);
    }

    synchronized boolean isWarm() {
        return house != null && !outdated && !starting;
    }

    synchronized boolean hasBranch(UUID revision) {
        return house != null && house.branches().containsKey(revision);
    }

    synchronized int waiting() {
        return house == null ? 0 : house.ahead().count();
    }

    @Override
    public void close() {
        House last;
        synchronized (this) {
            closed = true;
            last = house;
        }
        helpers.close();
        replace(null);
        if (last != null) {
            last.nursery().close();
        }
    }

    private void start() {
        List<String> modules = learned.of(image(), launch.account());
        try {
            Nursery.Opened opened = Nursery.open(ground, launch, variables, modules);
            Nursery nursery = opened.nursery();
            Ahead ahead = new Ahead(nursery, ground.warm().ahead(), ground.clock());
            synchronized (this) {
                pause.end();
                starting = false;
            }
            replace(House.of(nursery, opened.parent(), ahead));
            LOG.info("a parent is warm image={} learned={}", image(), modules.size());
            goOn();
        } catch (IOException | RuntimeException e) {
            LOG.warn("no warm parent image={} reason={}", image(), e.getMessage());
            if (!modules.isEmpty()) {
                learned.forget(image(), launch.account());
            }
            synchronized (this) {
                starting = false;
                pause.longer(now());
            }
        }
    }

    /// What was asked for while the parent was on its way.
    private synchronized void goOn() {
        if (outdated) {
            warmSoon();
        } else {
            wanted.all().forEach(this::branch);
        }
    }

    private void branch(House from, Revision revision) {
        try {
            Nursery.Parent made = snapshots.branch(from, revision);
            Nursery.Parent surplus = keep(from, revision.id(), made);
            if (surplus != null) {
                from.nursery().dismiss(surplus);
            }
            if (surplus != made) {
                aheadOf(from, made);
            }
        } catch (IOException | RuntimeException e) {
            LOG.info(
                    "no parent with the callable of a revision app={} revision={} reason={}",
                    revision.app(),
                    revision.id(),
                    e.getMessage());
        }
    }

    private void aheadOf(House from, Nursery.Parent parent) {
        Limits limits = asked();
        if (limits != null) {
            from.ahead().refillSoon(parent, limits);
        }
    }

    private synchronized @Nullable Limits asked() {
        return asked;
    }

    /// @return the one that must go for it
    private synchronized Nursery.@Nullable Parent keep(
            House from, UUID revision, Nursery.Parent made) {
        if (house != from) {
            return made;
        }
        return from.keep(revision, made, MOST_BRANCHES);
    }

    private @Nullable Berth fork(
            House from, Nursery.Parent parent, Limits limits, List<AppFile> files) {
        try {
            Berth made = from.nursery().fork(parent, limits, files, Way.FORKED);
            from.barren().set(0);
            return made;
        } catch (IOException | RuntimeException e) {
            LOG.warn("not forked, so started plainly image={} reason={}", image(), e.getMessage());
            if (!parent.alive() || from.barren().incrementAndGet() >= MOST_FAILURES) {
                lost(from);
            }
            return null;
        }
    }

    /// A parent that does not do its work is replaced, after a while.
    private void lost(House broken) {
        synchronized (this) {
            if (house != broken) {
                return;
            }
            pause.longer(now());
        }
        replace(null);
    }

    /// Puts something in the place of what there is; that goes with its last runner.
    private void replace(@Nullable House next) {
        House before;
        boolean late;
        synchronized (this) {
            before = house;
            late = closed;
            house = late ? null : next;
        }
        if (before != null) {
            before.retire();
        }
        if (late && next != null) {
            next.nursery().close();
        }
    }

    private Instant now() {
        return ground.clock().instant();
    }
}
