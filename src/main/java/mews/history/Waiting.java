package mews.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import mews.model.Fact;
import mews.model.RunnerTimeline;
import mews.model.StopReason;
import org.jspecify.annotations.Nullable;

/// What a request waited for, from what was recorded about its app meanwhile. Where several things
/// were in the way at once, the one that explains most is told.
final class Waiting {
    /// What handing over alone may take.
    private static final Duration HANDED_OVER = Duration.ofMillis(1);

    private final List<RunnerStory> runners;
    private final List<Span> holdups;
    private final Map<String, String> settings;
    private final Instant now;

    /// @param runners all that the app had meanwhile
    /// @param decisions facts of the app, oldest first
    /// @param settings details of the last fact `settings`
    Waiting(
            List<RunnerStory> runners,
            List<Fact> decisions,
            Map<String, String> settings,
            Instant now) {
        this.runners = runners;
        this.holdups = holdups(decisions, now);
        this.settings = settings;
        this.now = now;
    }

    /// @param runner the one that took the request in the end; null if none did
    List<Span> between(Instant from, Instant to, @Nullable UUID runner) {
        List<Span> causes = causes(from, runner);
        TreeSet<Instant> cuts = new TreeSet<>(List.of(from, to));
        for (Span cause : causes) {
            cuts.add(cause.from());
            cuts.add(cause.to());
        }
        List<Span> spans = new ArrayList<>();
        Instant begin = from;
        for (Instant cut : cuts.subSet(from, false, to, true)) {
            add(spans, begin, cut, cause(causes, begin));
            begin = cut;
        }
        return spans;
    }

    /// The strongest first.
    private List<Span> causes(Instant from, @Nullable UUID runner) {
        List<Span> causes = new ArrayList<>();
        for (RunnerStory each : runners) {
            boolean itsOwn = each.times().id().equals(runner);
            boolean underWay = runner == null && !each.failedToStart();
            if ((itsOwn || underWay) && startedAfter(each, from)) {
                causes.addAll(each.start(now));
                afterPhases(each, causes);
            }
        }
        for (RunnerStory each : runners) {
            if (each.failedToStart()) {
                causes.add(failedStart(each));
            }
        }
        causes.addAll(holdups);
        Duration delay = Duration.ofSeconds(number("scaling_delay"));
        if (delay.isPositive()) {
            causes.add(
                    new Span(
                            from,
                            from.plus(delay),
                            "scaling_delay",
                            "for a runner to become free within scaling_delay (%d s)"
                                    .formatted(delay.toSeconds())));
        }
        causes.addAll(slots());
        return causes;
    }

    /// One that was ready before has been no reason to wait for its start.
    private static boolean startedAfter(RunnerStory runner, Instant from) {
        Instant ready = runner.times().readyAt();
        return ready == null || ready.isAfter(from);
    }

    private static void afterPhases(RunnerStory runner, List<Span> causes) {
        Instant ready = runner.times().readyAt();
        if (ready != null) {
            causes.add(
                    new Span(
                            runner.times().createdAt(),
                            ready,
                            "health",
                            "for the port and the health check of runner " + runner.shortId()));
        }
    }

    private static Span failedStart(RunnerStory runner) {
        RunnerTimeline times = runner.times();
        StopReason reason = times.reason();
        Instant end = times.stoppedAt();
        return new Span(
                times.createdAt(),
                end == null ? times.createdAt() : end,
                "failed_start",
                "runner %s did not start: %s"
                        .formatted(runner.shortId(), reason == null ? "?" : reason.detail()));
    }

    private List<Span> slots() {
        List<Span> spans = new ArrayList<>();
        for (RunnerStory each : runners) {
            Instant ready = each.times().readyAt();
            if (ready != null) {
                Instant left = each.times().leftAt();
                spans.add(new Span(ready, left == null ? now : left, "slot", ""));
            }
        }
        return spans;
    }

    private static @Nullable Span cause(List<Span> causes, Instant at) {
        for (Span cause : causes) {
            if (!at.isBefore(cause.from()) && at.isBefore(cause.to())) {
                return cause;
            }
        }
        return null;
    }

    private void add(List<Span> spans, Instant from, Instant to, @Nullable Span cause) {
        String what = cause == null ? "decision" : cause.what();
        if (what.equals("slot") && Duration.between(from, to).compareTo(HANDED_OVER) < 0) {
            // A slot was free: nobody waited for one.
            return;
        }
        String text =
                switch (what) {
                    case "decision" -> "for a runner to be ordered";
                    case "slot" -> slotText(from);
                    default -> cause == null ? "" : cause.text();
                };
        if (!spans.isEmpty() && spans.getLast().what().equals(what)) {
            Span before = spans.removeLast();
            spans.add(new Span(before.from(), to, what, before.text()));
        } else {
            spans.add(new Span(from, to, what, text));
        }
    }

    private String slotText(Instant at) {
        long ready =
                runners.stream()
                        .map(RunnerStory::times)
                        .filter(times -> times.readyAt() != null && !at.isBefore(times.readyAt()))
                        .filter(times -> times.leftAt() == null || at.isBefore(times.leftAt()))
                        .count();
        return "for a free slot: %d of at most %s runners were ready, each with %s, all taken"
                .formatted(
                        ready,
                        settings.getOrDefault("max_concurrency", "?"),
                        slots(settings.getOrDefault("max_multiplexing", "?")));
    }

    private static String slots(String number) {
        return number.equals("1") ? "1 slot" : number + " slots";
    }

    private long number(String setting) {
        return Long.parseLong(settings.getOrDefault(setting, "0"));
    }

    /// Times during which starts were held up, each until it was over or another reason took its
    /// place.
    private static List<Span> holdups(List<Fact> decisions, Instant now) {
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < decisions.size(); i++) {
            Fact fact = decisions.get(i);
            String text =
                    switch (fact.event()) {
                        case "backoff" -> "starts waited after failed ones, ";
                        case "no_room" -> "for room on the host: ";
                        case "environment" -> "for the environment: ";
                        default -> "";
                    };
            if (!text.isEmpty()) {
                String reason = fact.details().getOrDefault("reason", "");
                Instant end = endOf(decisions.subList(i + 1, decisions.size()), now);
                spans.add(new Span(fact.at(), end, fact.event(), text + reason));
            }
        }
        return spans;
    }

    private static Instant endOf(List<Fact> later, Instant now) {
        for (Fact fact : later) {
            switch (fact.event()) {
                case "backoff", "no_room", "environment", "unblocked", "runner_started" -> {
                    return fact.at();
                }
                default -> {}
            }
        }
        return now;
    }
}
