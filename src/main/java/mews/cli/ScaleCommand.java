package mews.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.UpdateApplicationRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// What is not named stays as it is. protocol: control 3.3
@Command(name = "scale", description = "Changes how an app scales; what is not named stays.")
final class ScaleCommand implements Callable<Integer> {
    @Mixin ServerOptions server = new ServerOptions();
    @Mixin EnvOption env = new EnvOption();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(paramLabel = "APP")
    String app = "";

    @Option(names = "--keep-alive", paramLabel = "SECONDS")
    @Nullable Integer keepAlive;

    @Option(names = "--max-multiplexing", paramLabel = "N")
    @Nullable Integer maxMultiplexing;

    @Option(names = "--max-concurrency", paramLabel = "N")
    @Nullable Integer maxConcurrency;

    @Option(names = "--min-concurrency", paramLabel = "N")
    @Nullable Integer minConcurrency;

    @Option(names = "--concurrency-buffer", paramLabel = "N")
    @Nullable Integer buffer;

    @Option(names = "--concurrency-buffer-perc", paramLabel = "PERCENT")
    @Nullable Integer bufferPercent;

    @Option(names = "--scaling-delay", paramLabel = "SECONDS")
    @Nullable Integer scalingDelay;

    @Option(names = "--request-timeout", paramLabel = "SECONDS")
    @Nullable Integer requestTimeout;

    @Option(
            names = "--request-start-timeout",
            paramLabel = "SECONDS",
            description =
                    "Longest that a request with your own key waits for a runner, unless the request says so itself; 0 clears it.")
    @Nullable Integer requestStartTimeout;

    @Option(names = "--startup-timeout", paramLabel = "SECONDS")
    @Nullable Integer startupTimeout;

    @Option(names = "--machine-types", arity = "1..*", paramLabel = "TYPE")
    List<String> machineTypes = List.of();

    @Option(names = "--regions", arity = "1..*", paramLabel = "REGION")
    List<String> regions = List.of();

    @Override
    public Integer call() throws IOException {
        UpdateApplicationRequest request = request();
        if (request.equals(named().build())) {
            throw Failure.badInput("nothing to change: name at least one setting, see --help");
        }
        try (Connection connection = server.connect()) {
            AliasInfo now = connection.control().updateApplication(request).getAliasInfo();
            Table table = AppViews.table();
            AppViews.row(table, now);
            output.print(Map.of("apps", List.of(AppViews.json(now))), table);
            if (maxMultiplexing != null || startupTimeout != null || !machineTypes.isEmpty()) {
                // protocol: control 7.1, these belong to the revision
                Terminal.ofProcess()
                        .say(
                                "note: multiplexing, startup timeout and machine types are of the revision and last until the next deploy");
            }
        }
        return 0;
    }

    private UpdateApplicationRequest.Builder named() {
        UpdateApplicationRequest.Builder request =
                UpdateApplicationRequest.newBuilder().setApplicationName(env.alias(app));
        String environment = env.name();
        return environment == null ? request : request.setEnvironmentName(environment);
    }

    UpdateApplicationRequest request() {
        UpdateApplicationRequest.Builder request = named();
        ifGiven(keepAlive, request::setKeepAlive);
        ifGiven(maxMultiplexing, request::setMaxMultiplexing);
        ifGiven(maxConcurrency, request::setMaxConcurrency);
        ifGiven(minConcurrency, request::setMinConcurrency);
        ifGiven(buffer, request::setConcurrencyBuffer);
        ifGiven(bufferPercent, request::setConcurrencyBufferPerc);
        ifGiven(scalingDelay, request::setScalingDelaySeconds);
        ifGiven(requestTimeout, request::setRequestTimeout);
        ifGiven(requestStartTimeout, request::setRequestStartTimeout);
        ifGiven(startupTimeout, request::setStartupTimeout);
        return request.addAllMachineTypes(machineTypes).addAllValidRegions(regions).build();
    }

    private static void ifGiven(@Nullable Integer value, Consumer<Integer> set) {
        if (value != null) {
            set.accept(value);
        }
    }
}
