package mews.fleet;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import mews.sandbox.SandboxSpec.Limits;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The forks of one nursery that wait for a request. Thread-safe.
final class Ahead implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Ahead.class);

    /// Forking ahead must not compete with a burst of starts.
    private static final Duration CALM = Duration.ofMillis(300);

    private record Waiting(Nursery.Parent parent, Limits limits, Berth berth) {
        boolean fits(Nursery.Parent wanted, Limits exactly) {
            return parent == wanted && limits.equals(exactly);
        }
    }

    private final Nursery nursery;
    private final int wanted;
    private final InstantSource clock;
    private final Helpers helpers = new Helpers();
    private final List<Waiting> waiting = new ArrayList<>();
    private Instant lastUse = Instant.MIN;
    private boolean refilling;
    private boolean closed;

    /// @param wanted for each parent and size that was asked for last
    Ahead(Nursery nursery, int wanted, InstantSource clock) {
        this.nursery = nursery;
        this.wanted = wanted;
        this.clock = clock;
    }

    /// @return null if none waits
    synchronized @Nullable Berth take(Nursery.Parent parent, Limits limits) {
        lastUse = clock.instant();
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting next = each.next();
            if (next.fits(parent, limits) && next.berth().alive()) {
                each.remove();
                return next.berth().takenAt(lastUse);
            }
        }
        return null;
    }

    /// Sees to it that there will be as many as wanted.
    synchronized void refillSoon(Nursery.Parent parent, Limits limits) {
        if (!refilling && !closed && wanted > 0) {
            refilling = true;
            helpers.start("ahead", () -> refill(parent, limits));
        }
    }

    /// Lets go of those that died, or whose parent did: what they hold is old.
    void tend() {
        List<Waiting> gone;
        synchronized (this) {
            gone =
                    waiting.stream()
                            .filter(each -> !each.berth().alive() || !each.parent().alive())
                            .toList();
            waiting.removeAll(gone);
        }
        gone.forEach(each -> each.berth().discard());
    }

    long memoryBytes() {
        List<Waiting> now;
        synchronized (this) {
            now = List.copyOf(waiting);
        }
        return now.stream().mapToLong(each -> each.berth().process().memoryBytes()).sum();
    }

    synchronized int count() {
        return waiting.size();
    }

    @Override
    public void close() {
        List<Waiting> unused;
        synchronized (this) {
            closed = true;
            unused = List.copyOf(waiting);
            waiting.clear();
        }
        helpers.close();
        unused.forEach(each -> each.berth().discard());
    }

    private void refill(Nursery.Parent parent, Limits limits) {
        try {
            while (awaitCalm() && wants(parent, limits)) {
                put(parent, limits);
            }
        } catch (IOException | RuntimeException e) {
            LOG.info("nothing forked ahead reason={}", e.getMessage());
        } finally {
            synchronized (this) {
                refilling = false;
            }
        }
    }

    private synchronized boolean wants(Nursery.Parent parent, Limits limits) {
        long enough = waiting.stream().filter(each -> each.fits(parent, limits)).count();
        return !closed && parent.alive() && enough < wanted;
    }

    private void put(Nursery.Parent parent, Limits limits) throws IOException {
        Berth made = nursery.fork(parent, limits, List.of(), Way.AHEAD);
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                waiting.add(new Waiting(parent, limits, made));
            }
        }
        if (late) {
            made.discard();
        }
    }

    private boolean awaitCalm() {
        try {
            while (Duration.between(lastUse(), clock.instant()).compareTo(CALM) < 0) {
                Thread.sleep(CALM);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized Instant lastUse() {
        return lastUse;
    }
}
