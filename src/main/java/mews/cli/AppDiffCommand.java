package mews.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "diff",
        description = "Shows what changed in the environment from one revision to another.")
final class AppDiffCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(index = "0", paramLabel = "REVISION", description = "An id or its beginning.")
    String from = "";

    @Parameters(index = "1", paramLabel = "REVISION")
    String to = "";

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            String path =
                    "/v1/mews/revisions/%s/diff/%s"
                            .formatted(AppLockCommand.encoded(from), AppLockCommand.encoded(to));
            JsonNode diff = connection.rest().json(connection.rest().get(path));
            output.print(diff, text(diff));
        }
        return 0;
    }

    private static String text(JsonNode diff) {
        StringBuilder text = new StringBuilder();
        diff.path("facts")
                .properties()
                .forEach(fact ->
                        text.append(
                                "~ %s: %s → %s\n"
                                        .formatted(
                                                fact.getKey(),
                                                orNone(fact.getValue().path("from")),
                                                orNone(fact.getValue().path("to")))));
        diff.path("added").forEach(each -> text.append("+ ").append(pin(each)).append('\n'));
        diff.path("removed").forEach(each -> text.append("- ").append(pin(each)).append('\n'));
        diff.path("changed")
                .forEach(each ->
                        text.append(changed(each.path("from"), each.path("to"))).append('\n'));
        return text.isEmpty() ? "the environments are the same" : text.toString().stripTrailing();
    }

    private static String changed(JsonNode from, JsonNode to) {
        if (pin(from).equals(pin(to))) {
            boolean source = !from.path("source").equals(to.path("source"));
            return source
                    ? "~ %s: %s → %s"
                            .formatted(
                                    pin(to),
                                    from.path("source").asString(),
                                    to.path("source").asString())
                    : "~ %s: same version, other archives".formatted(pin(to));
        }
        return "~ %s → %s".formatted(pin(from), pin(to));
    }

    private static String pin(JsonNode each) {
        String version = each.path("version").asString();
        String name = each.path("name").asString();
        return version.isEmpty()
                ? name + " @ " + each.path("source").asString()
                : name + "==" + version;
    }

    private static String orNone(JsonNode value) {
        return value.isString() ? value.asString() : "none";
    }
}
