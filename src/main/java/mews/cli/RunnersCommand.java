package mews.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import mews.wire.proto.KillRunnerRequest;
import mews.wire.proto.ListRunnersRequest;
import mews.wire.proto.StopRunnerRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        subcommands = {
            RunnerLogsCommand.class,
            RunnerShowCommand.class,
            RunnerExecCommand.class,
            RunnerShellCommand.class
        })
final class RunnersCommand {
    @Command(description = "Lists runners of all apps.")
    void list(
            @Mixin ServerOptions server,
            @Option(
                            names = "--since",
                            paramLabel = "TIME",
                            description =
                                    "Also those that ended since then, such as 2h (at most 24h).")
                    @Nullable String since,
            @Option(
                            names = "--state",
                            arity = "1..*",
                            defaultValue = "all",
                            paramLabel = "STATE",
                            description = "Only those in these states.")
                    List<String> states,
            @Mixin OutputOptions output)
            throws IOException {
        ListRunnersRequest.Builder request = ListRunnersRequest.newBuilder().setListPending(true);
        if (since != null) {
            request.setStartTime(Times.timestamp(Times.ago(since, Instant.now())));
        }
        try (Connection connection = server.connect()) {
            RunnerViews.print(
                    connection.control().listRunners(request.build()).getRunnersList(),
                    states,
                    output);
        }
    }

    @Command(description = "Stops a runner once it has finished what it does.")
    void stop(
            @Mixin ServerOptions server,
            @Option(
                            names = {"-r", "--replace"},
                            description = "Start another one first.")
                    boolean replace,
            @Parameters(paramLabel = "RUNNER") String id)
            throws IOException {
        try (Connection connection = server.connect()) {
            connection
                    .control()
                    .stopRunner(
                            StopRunnerRequest.newBuilder()
                                    .setRunnerId(id)
                                    .setReplaceFirst(replace)
                                    .build());
            Terminal.ofProcess().say("stopping " + id);
        }
    }

    @Command(description = "Kills a runner at once, with what it does.")
    void kill(@Mixin ServerOptions server, @Parameters(paramLabel = "RUNNER") String id)
            throws IOException {
        try (Connection connection = server.connect()) {
            connection.control().killRunner(KillRunnerRequest.newBuilder().setRunnerId(id).build());
            Terminal.ofProcess().say("killed " + id);
        }
    }
}
