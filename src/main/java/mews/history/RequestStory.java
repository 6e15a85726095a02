package mews.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import mews.model.Fact;
import org.jspecify.annotations.Nullable;

/// Where a request spent its life: its spans follow one another without gaps. Pure.
///
/// @param kind `sync`, `websocket` or `queue`
/// @param state `waiting`, `running`, or how it ended, such as `completed` or `cancelled`
/// @param to end, or now
/// @param attempts one for each runner that got it
public record RequestStory(
        String kind,
        String state,
        boolean over,
        Instant from,
        Instant to,
        List<Span> spans,
        List<Attempt> attempts) {
    /// @param outcome for people, such as `status 200` or `runner_disconnected: …`
    public record Attempt(
            int number, UUID runner, Instant from, Instant to, boolean over, String outcome) {}

    /// What it takes to tell it.
    ///
    /// @param request facts of the request, oldest first
    /// @param runners all that its app had meanwhile
    /// @param decisions facts of its app meanwhile, oldest first
    /// @param settings details of the last fact `settings` before it came
    public record Facts(
            List<Fact> request,
            List<RunnerStory> runners,
            List<Fact> decisions,
            Map<String, String> settings,
            Instant now) {}

    /// When a request came, and when it ended; the latter is null while it goes on. Facts that tell
    /// what happened meanwhile lie between the two.
    public record Life(Instant from, @Nullable Instant to) {}

    public static Life life(List<Fact> facts) {
        Instant from = facts.getFirst().at();
        Instant to = null;
        for (Fact fact : facts) {
            String received = fact.details().get("received");
            if (received != null) {
                from = Instant.parse(received).isBefore(from) ? Instant.parse(received) : from;
            }
            if (QueueTeller.ENDS.contains(fact.event()) || fact.event().equals("finished")) {
                to = fact.at();
            }
        }
        return new Life(from, to);
    }

    /// @param facts at least one of the request
    public static RequestStory tell(Facts facts) {
        boolean queued = facts.request().stream().anyMatch(fact -> fact.event().equals("queued"));
        return queued ? new QueueTeller(facts).tell() : direct(facts);
    }

    /// A direct call leaves one fact when it ends, and one when it has to wait.
    private static RequestStory direct(Facts facts) {
        Fact last = facts.request().getLast();
        Map<String, String> details = last.details();
        boolean over = last.event().equals("finished");
        Instant from = life(facts.request()).from();
        Instant to = over ? last.at() : facts.now();
        Instant admitted = instant(details, "admitted");
        String runner = details.get("runner");
        UUID taker = runner == null ? null : UUID.fromString(runner);
        Waiting waiting =
                new Waiting(facts.runners(), facts.decisions(), facts.settings(), facts.now());
        List<Span> spans = new ArrayList<>();
        spans.addAll(waiting.between(from, admitted == null ? to : admitted, taker));
        List<Attempt> attempts = new ArrayList<>();
        if (admitted != null && taker != null) {
            Instant firstByte = instant(details, "first_byte");
            onRunner(spans, admitted, firstByte, to);
            attempts.add(new Attempt(1, taker, admitted, to, over, outcome(details)));
        }
        String state = over ? ended(details) : admitted == null ? "waiting" : "running";
        String kind = details.getOrDefault("kind", "sync");
        return new RequestStory(kind, state, over, from, to, spans, attempts);
    }

    static void onRunner(List<Span> spans, Instant from, @Nullable Instant firstByte, Instant to) {
        if (firstByte == null) {
            spans.add(new Span(from, to, "app", "the app worked and began no answer"));
            return;
        }
        spans.add(new Span(from, firstByte, "first_byte", "the app worked until its first byte"));
        spans.add(new Span(firstByte, to, "body", "the rest of the answer"));
    }

    static String outcome(Map<String, String> details) {
        String error = details.get("error_type");
        if (error != null) {
            String detail = details.get("detail");
            return detail == null ? error : error + ": " + detail;
        }
        String status = details.get("status");
        return status == null ? "" : "status " + status;
    }

    private static String ended(Map<String, String> details) {
        String error = details.get("error_type");
        return error == null
                ? "completed with status " + details.getOrDefault("status", "?")
                : "ended with %s (status %s)".formatted(error, details.getOrDefault("status", "?"));
    }

    private static @Nullable Instant instant(Map<String, String> details, String key) {
        String text = details.get(key);
        return text == null ? null : Instant.parse(text);
    }

    /// One sentence: how it stands, how long it took, and what took the largest part.
    public String summary() {
        Duration whole = Duration.between(from, to);
        String sentence =
                "%s request, %s %s %s".formatted(kind, state, over ? "after" : "for", text(whole));
        Span longest = null;
        for (Span span : spans) {
            longest =
                    longest == null || span.length().compareTo(longest.length()) > 0
                            ? span
                            : longest;
        }
        if (longest == null || spans.size() < 2 || !longest.length().isPositive()) {
            return sentence + ".";
        }
        return "%s; the longest part, %s, was %s."
                .formatted(sentence, text(longest.length()), longest.text());
    }

    /// `12 ms`, `1.53 s`, `4 min 10 s`.
    public static String text(Duration length) {
        long millis = length.toMillis();
        if (millis < 1000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.2f s", millis / 1000.0);
        }
        return "%d min %d s".formatted(length.toMinutes(), length.toSecondsPart());
    }
}
