package mews.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "lock",
        description =
                "Prints what an app's requirements were resolved to, as a requirements file with hashes.")
final class AppLockCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "APP")
    String app = "";

    @Option(
            names = "--revision",
            paramLabel = "REVISION",
            description = "Its id or the beginning of it (default: the one that serves).")
    @Nullable String revision;

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            String path =
                    "/v1/mews/apps/%s/%s/lock"
                            .formatted(connection.nickname(), encoded(env.alias(app)));
            String query = revision == null ? "" : "?revision=" + encoded(revision);
            JsonNode lock = connection.rest().json(connection.rest().get(path + query));
            output.print(lock, text(lock));
        }
        return 0;
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String text(JsonNode lock) {
        StringBuilder text = new StringBuilder();
        text.append(
                "# %s, revision %s, Python %s, %s"
                        .formatted(
                                lock.path("app").asString(),
                                lock.path("revision").asString(),
                                lock.path("python").asString(),
                                lock.path("machine").asString()));
        if (lock.path("image").isString()) {
            text.append("\n# image ").append(lock.path("image").asString());
        }
        for (JsonNode each : lock.path("packages")) {
            append(text.append('\n'), each);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, JsonNode each) {
        String version = each.path("version").asString();
        String source = each.path("source").asString();
        text.append(each.path("name").asString());
        text.append(version.isEmpty() ? " @ " + source : "==" + version);
        for (JsonNode hash : each.path("hashes")) {
            text.append(" \\\n    --hash=").append(hash.asString());
        }
        if (!version.isEmpty() && !source.isEmpty()) {
            text.append("\n    # from ").append(source);
        }
    }
}
