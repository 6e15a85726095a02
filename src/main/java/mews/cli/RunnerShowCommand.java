package mews.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
        name = "show",
        description =
                "Shows one runner: its states with times and reasons, the phases of its start.")
final class RunnerShowCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "RUNNER")
    String id = "";

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            String path = "/v1/mews/runners/" + AppLockCommand.encoded(id);
            JsonNode runner = connection.rest().json(connection.rest().get(path));
            output.print(runner, Explanations.runner(runner));
        }
        return 0;
    }
}
