package mews.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command
final class ExplainCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(
            paramLabel = "REQUEST",
            description = "Its id, such as the header x-fal-request-id of an answer tells.")
    String id = "";

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            String path = "/v1/mews/requests/%s/explanation".formatted(AppLockCommand.encoded(id));
            JsonNode story = connection.rest().json(connection.rest().get(path));
            output.print(story, Explanations.request(story));
        }
        return 0;
    }
}
