package mews.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "logs", description = "Shows what one runner said.")
final class RunnerLogsCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin LogOptions logs = new LogOptions();

    @Parameters(paramLabel = "RUNNER")
    String runner = "";

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            logs.show(connection, Map.of("job_id", runner));
        }
        return 0;
    }
}
