package mews.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command
final class CacheCommand {
    @Command(name = "ls", description = "Lists what builds keep on disk, most recently used first.")
    void list(@Mixin ServerOptions server, @Mixin OutputOptions output) throws IOException {
        try (Connection connection = server.connect()) {
            JsonNode cache = connection.rest().json(connection.rest().get("/v1/mews/cache"));
            Table table = new Table("KIND", "KEY", "SIZE", "LAST USED", "CONTENT", "USED BY");
            for (JsonNode each : cache.path("entries")) {
                table.row(
                        each.path("kind").asString(),
                        brief(each.path("key").asString()),
                        size(each.path("bytes").asLong()),
                        each.path("last_used").asString(),
                        each.path("summary").asString(),
                        users(each.path("used_by")));
            }
            output.print(
                    cache,
                    "%s\n%s of at most %s"
                            .formatted(
                                    table.toString().stripTrailing(),
                                    size(cache.path("bytes").asLong()),
                                    size(cache.path("limit_bytes").asLong())));
        }
    }

    @Command(
            description =
                    "Takes away what is above the limit and nobody needs, longest unused first.")
    void prune(
            @Mixin ServerOptions server,
            @Option(names = "--all", description = "Everything that nobody needs.") boolean all,
            @Option(names = "--dry-run", description = "Only say what would go.") boolean dryRun,
            @Mixin OutputOptions output)
            throws IOException {
        try (Connection connection = server.connect()) {
            JsonNode pruned =
                    connection
                            .rest()
                            .json(
                                    connection
                                            .rest()
                                            .post(
                                                    "/v1/mews/cache/prune",
                                                    Map.of("all", all, "dry_run", dryRun)));
            List<String> lines = new ArrayList<>();
            for (JsonNode each : pruned.path("removed")) {
                lines.add(
                        "%s %s %s (%s)"
                                .formatted(
                                        dryRun ? "would remove" : "removed",
                                        each.path("kind").asString(),
                                        brief(each.path("key").asString()),
                                        size(each.path("bytes").asLong())));
            }
            lines.add(
                    "%s %s"
                            .formatted(
                                    dryRun ? "would free" : "freed",
                                    size(pruned.path("freed_bytes").asLong())));
            long settling = pruned.path("settling").asLong();
            if (settling > 0) {
                lines.add("%d in use less than a minute ago stay".formatted(settling));
            }
            output.print(pruned, String.join("\n", lines));
        }
    }

    static String size(long bytes) {
        if (bytes < 1_000_000) {
            return "%d kB".formatted((bytes + 999) / 1000);
        }
        return bytes < 1_000_000_000
                ? "%d MB".formatted(bytes / 1_000_000)
                : String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    private static String brief(String key) {
        return key.length() > 12 && key.matches("[0-9a-f]+") ? key.substring(0, 12) : key;
    }

    private static String users(JsonNode users) {
        if (users.isEmpty()) {
            return "nobody";
        }
        String first = users.path(0).asString();
        return users.size() == 1 ? first : "%s and %d more".formatted(first, users.size() - 1);
    }
}
