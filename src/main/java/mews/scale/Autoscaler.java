package mews.scale;

import java.time.Duration;
import java.time.Instant;
import mews.model.ScalePolicy;

/// Grows at once with demand, shrinks only by runners that were idle for long enough. protocol:
/// platform 2.2
public final class Autoscaler {
    /// How long a runner may wait for its first request when nothing asks to keep it. protocol:
    /// platform 2.1
    static final Duration NEVER_USED = Duration.ofSeconds(10);

    private Autoscaler() {}

    /// @param now the moment of the snapshot; a waiting request younger than scaling_delay does not
    ///   count yet
    public static Decision decide(ScalePolicy policy, Load load, Instant now) {
        int target = target(policy, load, now);
        int runners = load.runners();
        if (runners < target) {
            int useful = useful(policy, load, now);
            if (useful <= runners) {
                return new Decision.Hold();
            }
            return new Decision.Start(
                    useful - runners,
                    "%d in flight, %d waiting, %d of %d runners"
                            .formatted(
                                    load.inFlight(), counted(policy, load, now), runners, useful));
        }
        if (runners > policy.maxConcurrency()) {
            return new Decision.Drain(runners - policy.maxConcurrency(), true);
        }
        int surplus = Math.min(runners - target, expired(policy, load, now));
        return surplus > 0 ? new Decision.Drain(surplus, false) : new Decision.Hold();
    }

    /// How many runners the alias should have now, between min_concurrency and max_concurrency.
    public static int target(ScalePolicy policy, Load load, Instant now) {
        return within(policy, base(policy, load, now));
    }

    /// The target without runners that could not be ready before those coming up have served what
    /// waits. What the minimum, the buffer and requests in flight ask for stays.
    static int useful(ScalePolicy policy, Load load, Instant now) {
        long base = base(policy, load, now);
        long meanwhile =
                load.coming().servedMeanwhile(policy.maxMultiplexing(), now)
                        / policy.maxMultiplexing();
        long there = Math.min(base, load.runners());
        long busy = Math.ceilDiv(load.inFlight(), policy.maxMultiplexing());
        return within(policy, Math.max(Math.max(there, busy), base - meanwhile));
    }

    private static long base(ScalePolicy policy, Load load, Instant now) {
        long demand = (long) load.inFlight() + counted(policy, load, now);
        return Math.ceilDiv(demand, policy.maxMultiplexing());
    }

    private static int within(ScalePolicy policy, long base) {
        long wanted = Math.max(policy.minConcurrency(), base + buffer(policy, base));
        return (int) Math.min(wanted, policy.maxConcurrency());
    }

    /// Runners kept ready beyond those that the load needs.
    static int buffer(ScalePolicy policy, long base) {
        long share = Math.ceilDiv(base * policy.concurrencyBufferPerc(), 100);
        return (int) Math.min(Integer.MAX_VALUE, Math.max(policy.concurrencyBuffer(), share));
    }

    /// When a waiting request that does not count yet will count, or an idle runner will have been
    /// idle for long enough: the next moment at which the answer may change by itself.
    public static Instant reconsiderAt(ScalePolicy policy, Load load, Instant now) {
        Instant next = now.plus(Duration.ofDays(1));
        for (Instant arrival : load.waiting()) {
            next = earlierOf(next, arrival.plus(policy.scalingDelay()), now);
        }
        for (Load.Idle idle : load.idle()) {
            next = earlierOf(next, idle.since().plus(patience(policy, idle)), now);
        }
        return next;
    }

    private static Instant earlierOf(Instant best, Instant candidate, Instant now) {
        return candidate.isAfter(now) && candidate.isBefore(best) ? candidate : best;
    }

    static int counted(ScalePolicy policy, Load load, Instant now) {
        Instant youngest = now.minus(policy.scalingDelay());
        int old = (int) load.waiting().stream().filter(at -> !at.isAfter(youngest)).count();
        boolean allSeenCount = old == load.waiting().size();
        return allSeenCount && policy.scalingDelay().isZero() ? old + load.unseen() : old;
    }

    private static int expired(ScalePolicy policy, Load load, Instant now) {
        return (int)
                load.idle().stream()
                        .filter(idle -> !now.isBefore(idle.since().plus(patience(policy, idle))))
                        .count();
    }

    /// How long an idle runner may stay once there are more than wanted.
    public static Duration patience(ScalePolicy policy, Load.Idle idle) {
        boolean nothingKeepsIt = policy.minConcurrency() == 0 && policy.concurrencyBuffer() == 0;
        return !idle.everServed() && nothingKeepsIt ? NEVER_USED : policy.keepAlive();
    }

    /// How long a runner may go on coming up that nobody needs any more: not longer than it could
    /// stay once it was there.
    public static Duration patienceWithStarts(ScalePolicy policy) {
        return policy.keepAlive().compareTo(NEVER_USED) < 0 ? policy.keepAlive() : NEVER_USED;
    }
}
