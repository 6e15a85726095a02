package mews.cli;

import java.util.Locale;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// Answers of the server's explanations as people read them.
final class Explanations {
    private Explanations() {}

    static String request(JsonNode story) {
        StringBuilder text = new StringBuilder();
        text.append("request %s of %s\n".formatted(text(story, "request_id"), text(story, "app")));
        text.append(text(story, "summary")).append("\n\n");
        Table spans = new Table("AT", "TOOK", "WHERE", "WHAT");
        story.path("spans")
                .forEach(span ->
                        spans.row(
                                clock(text(span, "from")),
                                millis(span.path("ms").asLong()),
                                text(span, "what"),
                                text(span, "text")));
        text.append(spans);
        if (!story.path("attempts").isEmpty()) {
            Table attempts = new Table("ATTEMPT", "AT", "TOOK", "RUNNER", "OUTCOME");
            story.path("attempts")
                    .forEach(attempt ->
                            attempts.row(
                                    attempt.path("attempt").asInt(),
                                    clock(text(attempt, "from")),
                                    millis(attempt.path("ms").asLong()),
                                    text(attempt, "runner_id"),
                                    text(attempt, "outcome")));
            text.append("\n\n").append(attempts);
        }
        return text.toString();
    }

    static String app(JsonNode story) {
        StringBuilder text = new StringBuilder();
        text.append("app %s at %s\n".formatted(text(story, "app"), text(story, "at")));
        text.append("\nwhy\n");
        story.path("why").forEach(line -> text.append("  ").append(line.asString()).append('\n'));
        text.append("\nwhat would change it\n");
        story.path("would_change")
                .forEach(line -> text.append("  ").append(line.asString()).append('\n'));
        JsonNode snapshot = story.path("snapshot");
        if (snapshot.isObject()) {
            text.append("\nsnapshot after setup()\n  ")
                    .append(
                            text(snapshot, "state").equals("taken")
                                    ? "setup() ran once, in its warm parent, in %s s; runners forked from it do not run it again"
                                            .formatted(text(snapshot, "seconds"))
                                    : "not taken: %s; each runner runs setup() itself"
                                            .formatted(text(snapshot, "reason")))
                    .append('\n');
        }
        Table recent = new Table("AT", "LATELY", "");
        story.path("recent")
                .forEach(fact ->
                        recent.row(clock(text(fact, "at")), text(fact, "event"), details(fact)));
        return text.append('\n').append(recent).toString();
    }

    static String runner(JsonNode runner) {
        StringBuilder text = new StringBuilder();
        text.append(
                "runner %s of %s\nrevision %s, %s, %s\n%s%s\n\n"
                        .formatted(
                                text(runner, "runner_id"),
                                text(runner, "app"),
                                text(runner, "revision"),
                                text(runner, "machine_type"),
                                text(runner, "isolation"),
                                text(runner, "state").toLowerCase(Locale.ROOT),
                                runner.path("exit_code").isNumber()
                                        ? ", exit code " + runner.path("exit_code").asInt()
                                        : ""));
        Table states = new Table("AT", "STATE", "WHY");
        runner.path("timeline")
                .forEach(state ->
                        states.row(
                                text(state, "at"),
                                text(state, "state").toLowerCase(Locale.ROOT),
                                text(state, "why")));
        text.append(states);
        if (!runner.path("phases").isEmpty()) {
            Table phases = new Table("PHASE OF ITS START", "AT", "TOOK");
            runner.path("phases")
                    .forEach(phase ->
                            phases.row(
                                    text(phase, "name"),
                                    clock(text(phase, "at")),
                                    millis(phase.path("ms").asLong())));
            text.append("\n\n").append(phases);
        }
        return text.toString();
    }

    private static String details(JsonNode fact) {
        return fact.path("details").properties().stream()
                .map(detail -> detail.getKey() + "=" + detail.getValue().asString())
                .collect(Collectors.joining(" "));
    }

    /// The time of day of an ISO instant, to the millisecond.
    private static String clock(String instant) {
        int day = instant.indexOf('T');
        return day < 0 ? instant : instant.substring(day + 1).replaceFirst("(\\.\\d{3}).*", "$1");
    }

    private static String millis(long millis) {
        return millis < 10_000
                ? millis + " ms"
                : String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    private static String text(JsonNode json, String key) {
        return json.path(key).asString("");
    }
}
