package mews.scale;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import mews.model.ScalePolicy;

/// Tells in sentences why an app has the runners it has, and what would change that: the formula
/// with its numbers. Pure. protocol: platform 2.2
public final class Why {
    /// Further requests that are tried for the sentence on growth.
    private static final int MOST_TRIED = 1000;

    private final ScalePolicy policy;
    private final Standing standing;
    private final Load load;
    private final int target;

    private Why(Standing standing) {
        this.standing = standing;
        this.policy = standing.alias().scale();
        this.load = standing.load();
        this.target = Autoscaler.target(policy, load, standing.at());
    }

    /// How many runners there are, how many there should be, and from which numbers that follows.
    public static List<String> reasons(Standing standing) {
        return new Why(standing).reasons();
    }

    /// What would make runners come or go.
    public static List<String> changes(Standing standing) {
        return new Why(standing).changes();
    }

    private List<String> reasons() {
        List<String> sentences = new ArrayList<>();
        sentences.add(
                "%s: %d busy, %d idle, %d starting; %d wanted"
                        .formatted(
                                runners(load.runners()),
                                load.busy(),
                                load.idle().size(),
                                load.starting(),
                                target));
        sentences.add(demand());
        sentences.add(formula());
        int useful = Autoscaler.useful(policy, load, standing.at());
        int needless = target - Math.max(useful, load.runners());
        if (needless > 0) {
            sentences.add(
                    "%s fewer are started: before they could be ready, those coming up will have served what waits"
                            .formatted(runners(needless)));
        }
        if (standing.upcoming() > 0 || standing.alias().next() != null) {
            sentences.add(
                    "revision %s is coming up with %s; it takes over once one is ready"
                            .formatted(standing.alias().next(), runners(standing.upcoming())));
        }
        if (standing.old() > 0) {
            sentences.add(
                    "%s of before the last deploy or rollout; they go as new ones are ready"
                            .formatted(runners(standing.old())));
        }
        if (standing.leaving() > 0) {
            sentences.add("%s on the way out".formatted(runners(standing.leaving())));
        }
        return sentences;
    }

    private String demand() {
        int waiting = load.waiting().size() + load.unseen();
        int counted = Autoscaler.counted(policy, load, standing.at());
        String young =
                counted == waiting
                        ? ""
                        : ", of which %d count: the others have not waited for scaling_delay (%d s)"
                                .formatted(counted, policy.scalingDelay().toSeconds());
        return "demand is %d: %d on runners, %d waiting%s"
                .formatted(load.inFlight() + counted, load.inFlight(), waiting, young);
    }

    private String formula() {
        int demand = load.inFlight() + Autoscaler.counted(policy, load, standing.at());
        int base = Math.ceilDiv(demand, policy.maxMultiplexing());
        int buffer = Autoscaler.buffer(policy, base);
        int wanted = Math.max(policy.minConcurrency(), base + buffer);
        String capped =
                wanted > policy.maxConcurrency()
                        ? ", but max_concurrency is %d".formatted(policy.maxConcurrency())
                        : "";
        return "%d / max_multiplexing %d = %d, + buffer %d (concurrency_buffer %d or concurrency_buffer_perc %d %%), at least min_concurrency %d: %d%s"
                .formatted(
                        demand,
                        policy.maxMultiplexing(),
                        base,
                        buffer,
                        policy.concurrencyBuffer(),
                        policy.concurrencyBufferPerc(),
                        policy.minConcurrency(),
                        wanted,
                        capped);
    }

    private List<String> changes() {
        List<String> sentences = new ArrayList<>();
        Holdup holdup = standing.holdup();
        if (holdup != null) {
            sentences.add(heldUp(holdup));
        }
        young(sentences);
        sentences.add(growth());
        shrinking(sentences);
        return sentences;
    }

    private static String heldUp(Holdup holdup) {
        String what =
                switch (holdup.kind()) {
                    case "backoff" -> "starts wait after failed ones, ";
                    case "no_room" -> "starts wait for room on this host: ";
                    case "environment" -> "starts wait for the environment: ";
                    default -> "starts wait: ";
                };
        return what + holdup.text() + " (since " + time(holdup.since()) + ")";
    }

    private void young(List<String> sentences) {
        Instant now = standing.at();
        load.waiting().stream()
                .map(arrival -> arrival.plus(policy.scalingDelay()))
                .filter(counts -> counts.isAfter(now))
                .min(Instant::compareTo)
                .ifPresent(counts ->
                        sentences.add(
                                "a waiting request counts from %s on, when it has waited for scaling_delay"
                                        .formatted(time(counts))));
    }

    private String growth() {
        if (target >= policy.maxConcurrency()) {
            return "no more than max_concurrency (%d) are started, whatever waits; raise it with 'mews apps scale %s --max-concurrency N'"
                    .formatted(policy.maxConcurrency(), standing.alias().app().alias());
        }
        for (int more = 1; more <= MOST_TRIED; more++) {
            Load busier =
                    new Load(
                            load.inFlight() + more,
                            load.waiting(),
                            load.unseen(),
                            load.starting(),
                            load.busy(),
                            load.idle(),
                            load.coming());
            int then = Autoscaler.target(policy, busier, standing.at());
            if (then > Math.max(target, load.runners())) {
                return "%d more %s at once would start %s"
                        .formatted(
                                more,
                                more == 1 ? "request" : "requests",
                                runners(then - Math.max(target, load.runners())));
            }
        }
        return "the runners there are would do for %d more requests".formatted(MOST_TRIED);
    }

    private void shrinking(List<String> sentences) {
        int surplus = load.runners() - target;
        if (load.idle().isEmpty()) {
            return;
        }
        if (surplus <= 0) {
            sentences.add("idle runners stay: " + whatKeepsThem());
            return;
        }
        load.idle().stream()
                .sorted((one, other) -> goesAt(one).compareTo(goesAt(other)))
                .limit(surplus)
                .forEach(idle -> sentences.add(goes(idle)));
    }

    private String whatKeepsThem() {
        boolean byLoad = load.inFlight() > 0;
        if (policy.minConcurrency() >= target && policy.minConcurrency() > 0) {
            return "min_concurrency is %d".formatted(policy.minConcurrency());
        }
        return byLoad || load.waiting().size() + load.unseen() > 0
                ? "the demand and its buffer need %d".formatted(target)
                : "the buffer is %d".formatted(Autoscaler.buffer(policy, 0));
    }

    private String goes(Load.Idle idle) {
        boolean keepAlive = Autoscaler.patience(policy, idle).equals(policy.keepAlive());
        return "a runner idle since %s goes at %s, after %s"
                .formatted(
                        time(idle.since()),
                        time(goesAt(idle)),
                        keepAlive
                                ? "keep_alive (%d s)".formatted(policy.keepAlive().toSeconds())
                                : "the %d s that one without any request stays"
                                        .formatted(Autoscaler.NEVER_USED.toSeconds()));
    }

    private Instant goesAt(Load.Idle idle) {
        Duration patience = Autoscaler.patience(policy, idle);
        return idle.since().plus(patience);
    }

    private static String runners(int count) {
        return count == 1 ? "1 runner" : count + " runners";
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
