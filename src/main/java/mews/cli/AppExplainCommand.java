package mews.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "explain",
        description = "Tells why an app has this many runners now, and what would change it.")
final class AppExplainCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "APP")
    String app = "";

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            String path =
                    "/v1/mews/apps/%s/%s/explanation"
                            .formatted(
                                    connection.nickname(), AppLockCommand.encoded(env.alias(app)));
            JsonNode story = connection.rest().json(connection.rest().get(path));
            output.print(story, Explanations.app(story));
        }
        return 0;
    }
}
