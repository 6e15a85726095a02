package mews.cli;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class CallCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();

    @Parameters(
            paramLabel = "APP[/path]",
            description = "An app of yours, or @OWNER/APP for somebody else's.")
    String app = "";

    @Option(
            names = "--input",
            paramLabel = "JSON",
            description = "The body: JSON, @file, or - for standard input (default: {}).")
    String input = "{}";

    @Option(names = "--method", paramLabel = "METHOD", description = "Default: POST.")
    String method = "POST";

    @Option(
            names = "--queue",
            description =
                    "Through the queue: kept until it is answered, whatever happens to the server.")
    boolean queue;

    @Option(
            names = "--no-wait",
            description = "With --queue: print the request's id and addresses, and end.")
    boolean noWait;

    @Option(
            names = "--stream",
            description = "Print each event as it comes; the path is /stream unless given.")
    boolean stream;

    @Override
    public Integer call() throws IOException {
        if (queue && stream) {
            throw Failure.badInput("--queue and --stream exclude each other");
        }
        if (queue && !method.equals("POST")) {
            throw Failure.badInput("the queue sends POST; leave out --method or --queue");
        }
        if (noWait && !queue) {
            throw Failure.badInput("--no-wait goes with --queue");
        }
        byte @Nullable [] body = "GET".equals(method) ? null : Input.read(input);
        try (Connection connection = server.connect();
                Progress progress = new Progress(Terminal.ofProcess())) {
            AppPath target = AppPath.parse(app, connection.nickname(), env);
            if (queue) {
                return new QueueCall(connection.rest(), target, progress)
                        .run(body == null ? new byte[0] : body, noWait);
            }
            try (HoldupWatch _ = HoldupWatch.over(connection.rest(), target, progress)) {
                return new SyncCall(connection.rest(), progress)
                        .run(method, "/run/" + target + defaultPath(target), body, headers(body));
            }
        }
    }

    private String defaultPath(AppPath target) {
        return stream && target.path().isEmpty() ? "/stream" : "";
    }

    private Map<String, String> headers(byte @Nullable [] body) {
        String accept = stream ? "text/event-stream" : "*/*";
        return body == null
                ? Map.of("Accept", accept)
                : Map.of("Accept", accept, "Content-Type", Rest.JSON);
    }
}
