package mews.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "shell", description = "Opens a shell in a runner.")
final class RunnerShellCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();

    @Parameters(paramLabel = "RUNNER")
    String id = "";

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            return new ShellSession(connection, id, List.of(), true, true).run();
        }
    }
}
