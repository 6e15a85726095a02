package mews.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "exec",
        description =
                "Runs a command in a runner and ends with its exit code: runners exec RUNNER -- ls /data")
final class RunnerExecCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();

    @Option(
            names = {"-i", "--interactive"},
            description = "Hand over what is typed or piped in.")
    boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give it a terminal, if there is one here; with -i.")
    boolean tty;

    @Parameters(index = "0", paramLabel = "RUNNER")
    String id = "";

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND")
    List<String> command = List.of();

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            return new ShellSession(connection, id, command, interactive, tty && interactive).run();
        }
    }
}
