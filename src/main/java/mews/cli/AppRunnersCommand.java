package mews.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import mews.wire.proto.ListAliasRunnersRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "runners", description = "Lists the runners of one app.")
final class AppRunnersCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "APP")
    String app = "";

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Also those that ended since then, such as 2h (at most 24h).")
    @Nullable String since;

    @Option(
            names = "--state",
            arity = "1..*",
            paramLabel = "STATE",
            description =
                    "idle, running, pending, setup, crash_backoff, terminated or all (default: all).")
    List<String> states = List.of("all");

    @Override
    public Integer call() throws IOException {
        ListAliasRunnersRequest.Builder request =
                ListAliasRunnersRequest.newBuilder().setAlias(env.alias(app)).setListPending(true);
        String environment = env.name();
        if (environment != null) {
            request.setEnvironmentName(environment);
        }
        if (since != null) {
            request.setStartTime(Times.timestamp(Times.ago(since, Instant.now())));
        }
        try (Connection connection = server.connect()) {
            RunnerViews.print(
                    connection.control().listAliasRunners(request.build()).getRunnersList(),
                    states,
                    output);
        }
        return 0;
    }
}
