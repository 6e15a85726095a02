package mews.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command
final class LogsCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();
    @Mixin LogOptions logs = new LogOptions();

    @Parameters(paramLabel = "APP")
    String app = "";

    @Override
    public Integer call() throws IOException {
        try (Connection connection = server.connect()) {
            logs.show(connection, "app", env.alias(app));
        }
        return 0;
    }
}
