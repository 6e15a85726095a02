package mews.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Options of commands that show a log, and the showing.
final class LogOptions {
    @Option(
            names = {"-f", "--follow"},
            description = "Go on with lines to come, until Ctrl-C.")
    boolean follow;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description =
                    "Such as 15m, 2h or 2026-01-31T10:00:00Z (default: the newest 1000 lines).")
    @Nullable String since;

    @Option(names = "--search", paramLabel = "TEXT", description = "Only lines that hold this.")
    @Nullable String search;

    @Option(
            names = {"-n", "--lines"},
            paramLabel = "N",
            description = "Only the last N of the lines kept.")
    @Nullable Integer lines;

    @Option(names = "--json", description = "Print each line as a JSON object.")
    boolean json;

    /// @param whose some of `app`, `job_id` and `request_id`
    void show(Connection connection, Map<String, String> whose) throws IOException {
        Map<String, String> wanted = new LinkedHashMap<>(whose);
        if (search != null) {
            wanted.put("search", search);
        }
        LogReader reader = new LogReader(connection.rest(), wanted);
        if (!follow) {
            kept(reader).forEach(this::print);
            return;
        }
        // Opened before the kept lines are read, so that none falls in between.
        try (LogReader.Following following = reader.follow()) {
            Set<JsonNode> seen = new HashSet<>();
            for (JsonNode line : kept(reader)) {
                seen.add(line);
                print(line);
            }
            following.forEach(line -> {
                if (!seen.remove(line)) {
                    print(line);
                }
            });
        }
    }

    private List<JsonNode> kept(LogReader reader) throws IOException {
        List<JsonNode> kept = reader.kept(since == null ? null : Times.ago(since, Instant.now()));
        return lines == null ? kept : kept.subList(Math.max(0, kept.size() - lines), kept.size());
    }

    private void print(JsonNode line) {
        Terminal.ofProcess().result(json ? line.toString() : text(line));
    }

    /// Time, level, runner, request (where there is one) and message.
    static String text(JsonNode line) {
        StringBuilder text = new StringBuilder(line.path("timestamp").asString(""));
        text.append(' ').append("%-7s".formatted(line.path("level").asString("").toUpperCase()));
        for (String id : new String[] {"job_id", "request_id"}) {
            String value = line.path(id).asString("");
            if (!value.isEmpty()) {
                text.append(' ').append(value);
            }
        }
        return text.append(' ')
                .append(line.path("message").asString("").stripTrailing())
                .toString();
    }
}
