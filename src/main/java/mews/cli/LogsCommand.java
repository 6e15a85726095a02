package mews.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class LogsCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();
    @Mixin LogOptions logs = new LogOptions();

    @Option(names = "--request", paramLabel = "ID", description = "Only lines of this request.")
    String request = "";

    @Parameters(
            paramLabel = "APP",
            arity = "0..1",
            description = "May be left out where a request is named.")
    String app = "";

    @Override
    public Integer call() throws IOException {
        Map<String, String> whose = new LinkedHashMap<>();
        if (!app.isEmpty()) {
            whose.put("app", env.alias(app));
        }
        if (!request.isEmpty()) {
            whose.put("request_id", request);
        }
        if (whose.isEmpty()) {
            throw Failure.badInput("whose log? Name an app, or a request by --request ID");
        }
        try (Connection connection = server.connect()) {
            logs.show(connection, whose);
        }
        return 0;
    }
}
