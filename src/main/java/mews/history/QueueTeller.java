package mews.history;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import mews.history.RequestStory.Attempt;
import mews.model.Fact;
import org.jspecify.annotations.Nullable;

/// Tells a queued request's story from its facts, one after another.
final class QueueTeller {
    /// Facts after which nothing follows.
    static final Set<String> ENDS = Set.of("completed", "cancelled", "expired", "flushed");

    private final RequestStory.Facts facts;
    private final Waiting waiting;
    private final List<Span> spans = new ArrayList<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private Instant since;
    private @Nullable Fact started;
    private @Nullable Fact answered;
    private String state = "waiting";

    QueueTeller(RequestStory.Facts facts) {
        this.facts = facts;
        this.waiting =
                new Waiting(facts.runners(), facts.decisions(), facts.settings(), facts.now());
        this.since = facts.request().getFirst().at();
    }

    RequestStory tell() {
        Instant from = since;
        Instant end = null;
        for (Fact fact : facts.request()) {
            switch (fact.event()) {
                case "attempt_started" -> begin(fact);
                case "attempt_ended" -> answered = fact;
                case "retried" -> retried(fact);
                case "released" -> back(fact, "given back: the runner or the server went away");
                case "lease_voided" -> back(fact, "given back: the server went away");
                default -> {}
            }
            if (ENDS.contains(fact.event())) {
                end = fact.at();
                state = stateOf(fact);
                close(fact.at(), outcomeOf(fact));
            }
        }
        if (end == null) {
            end = facts.now();
            open(end);
        }
        return new RequestStory(
                "queue", state, ENDS.contains(last().event()), from, end, spans, attempts);
    }

    private Fact last() {
        return facts.request().stream()
                .filter(fact -> ENDS.contains(fact.event()))
                .findFirst()
                .orElse(facts.request().getLast());
    }

    private void begin(Fact fact) {
        spans.addAll(waiting.between(since, fact.at(), runner(fact)));
        started = fact;
        answered = null;
    }

    private void retried(Fact fact) {
        String why =
                RequestStory.outcome(
                        Map.of(
                                "error_type", fact.details().getOrDefault("error_type", ""),
                                "detail", fact.details().getOrDefault("detail", "")));
        finish(fact.at(), "tried again: " + why);
        Instant notBefore =
                Instant.parse(fact.details().getOrDefault("not_before", fact.at().toString()));
        Instant until = notBefore.isAfter(facts.now()) ? facts.now() : notBefore;
        if (until.isAfter(fact.at())) {
            spans.add(
                    new Span(
                            fact.at(),
                            until,
                            "retry_backoff",
                            "before attempt %d, after %s".formatted(attempts.size() + 1, why)));
            since = until;
        }
    }

    private void back(Fact fact, String why) {
        finish(fact.at(), why);
    }

    private void close(Instant at, String outcome) {
        if (started == null) {
            spans.addAll(waiting.between(since, at, null));
        }
        finish(at, outcome);
    }

    /// Ends the attempt that runs, if one does.
    private void finish(Instant at, String outcome) {
        Fact begun = started;
        if (begun != null) {
            RequestStory.onRunner(spans, begun.at(), firstByte(begun), at);
            attempts.add(
                    new Attempt(attempts.size() + 1, runner(begun), begun.at(), at, true, outcome));
        }
        started = null;
        since = at;
    }

    private void open(Instant now) {
        Fact begun = started;
        if (begun == null) {
            spans.addAll(waiting.between(since.isAfter(now) ? now : since, now, null));
            return;
        }
        state = "running";
        RequestStory.onRunner(spans, begun.at(), null, now);
        attempts.add(
                new Attempt(attempts.size() + 1, runner(begun), begun.at(), now, false, "running"));
    }

    private @Nullable Instant firstByte(Fact begun) {
        Fact end = answered;
        String millis = end == null ? null : end.details().get("first_byte_ms");
        return millis == null ? null : begun.at().plusMillis(Long.parseLong(millis));
    }

    private String outcomeOf(Fact end) {
        String told = RequestStory.outcome(end.details());
        return told.isEmpty() ? end.event() : told;
    }

    private static String stateOf(Fact end) {
        String status = end.details().get("status");
        return status == null ? end.event() : "%s with status %s".formatted(end.event(), status);
    }

    private static UUID runner(Fact attempt) {
        return UUID.fromString(attempt.details().getOrDefault("runner_id", new UUID(0, 0) + ""));
    }
}
