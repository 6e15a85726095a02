package mews.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import mews.model.Fact;
import mews.model.RunnerTimeline;

/// One runner with the phases of its start.
///
/// @param phases facts of event `phase`, any order
public record RunnerStory(RunnerTimeline times, List<Fact> phases) {
    public RunnerStory {
        phases =
                phases.stream()
                        .filter(fact -> fact.event().equals("phase"))
                        .sorted(Comparator.comparing(Fact::at))
                        .toList();
    }

    /// @param facts of the runner, others than phases among them
    public static RunnerStory of(RunnerTimeline times, List<Fact> facts) {
        return new RunnerStory(times, facts);
    }

    /// The pieces of its start, up to `now` if it is still going on; empty if it never got ready.
    List<Span> start(Instant now) {
        Instant end = times.readyAt() == null ? now : times.readyAt();
        if (phases.isEmpty()) {
            return List.of(span(times.createdAt(), end, "start", "a runner started"));
        }
        List<Span> spans = new ArrayList<>();
        for (Fact phase : phases) {
            Instant to = phase.at().plusMillis(Long.parseLong(phase.details().get("ms")));
            String name = phase.details().getOrDefault("name", "");
            spans.add(span(phase.at(), to, "start_" + name, "a runner started: " + describe(name)));
        }
        return spans;
    }

    private Span span(Instant from, Instant to, String what, String text) {
        return new Span(
                from,
                to.isBefore(from) ? from : to,
                what,
                "%s (runner %s)".formatted(text, shortId()));
    }

    /// The end of a UUIDv7 is random; its beginning is the same for all of one moment.
    String shortId() {
        return times.id().toString().substring(24);
    }

    /// @param name of a phase
    public static String describe(String name) {
        return switch (name) {
            case "prepare" -> "folders, keys and environment were made ready";
            case "sandbox" -> "its sandbox";
            case "interpreter" -> "its interpreter";
            case "load" -> "the app's code was loaded";
            case "imports" -> "imports";
            case "setup" -> "setup()";
            case "bind" -> "its port opened";
            default -> name;
        };
    }

    boolean failedToStart() {
        return times.readyAt() == null && times.stoppedAt() != null;
    }

    Duration age(Instant now) {
        return Duration.between(times.createdAt(), now);
    }
}
