package mews.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import mews.model.DeploymentStrategy;
import mews.project.Requests;
import mews.wire.proto.AliasInfo;
import mews.wire.proto.ListAliasesRequest;
import mews.wire.proto.RegisterApplicationRequest;
import mews.wire.proto.RegisterApplicationResult;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class DeployCommand implements Callable<Integer> {
    @Mixin AppOptions options = new AppOptions();
    @Mixin OutputOptions output = new OutputOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "REF|APP",
            description =
                    "file.py::Class, file.py, or a key of [tool.fal.apps] (default: the only one).")
    @Nullable String app;

    @Option(
            names = "--strategy",
            paramLabel = "NAME",
            description =
                    "rolling: callers move once the new revision is up; recreate: the old one stops first.")
    AppsCommand.@Nullable Strategy strategy;

    @Option(
            names = "--reset-scale",
            description = "Take the app's scale settings instead of those tuned since.")
    boolean resetScale;

    @Option(names = "--no-scale", description = "Keep the tuned scale settings.")
    boolean noScale;

    @Option(names = "--attach", description = "Wait until the new revision answers.")
    boolean attach;

    @Option(names = "--detach", description = "End once it is registered.")
    boolean detach;

    @Option(names = "--message", paramLabel = "TEXT", description = "Kept with the revision.")
    @Nullable String message;

    @Option(
            names = "--annotation",
            paramLabel = "KEY=VALUE",
            description = "Kept with the revision; may be repeated.")
    Map<String, String> annotations = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException {
        Terminal terminal = Terminal.ofProcess();
        Requests.Deploy decided = decided();
        AppChoice choice = AppChoice.of(app, Path.of("").toAbsolutePath(), terminal);
        if (options.server.team == null) {
            options.server.team = choice.team();
        }
        try (Progress progress = new Progress(terminal);
                Connection connection = options.server.connect()) {
            Preparation preparation = new Preparation(connection, progress);
            Requests requests = preparation.requests(choice, options.choices(null));
            preparation.build(requests.buildForDeploy());
            progress.step("deploying");
            RegisterApplicationRequest request = requests.register(decided);
            RegisterApplicationResult result = register(connection, request, progress);
            progress.done();
            show(request, result, alias(connection, request));
        }
        return 0;
    }

    private Requests.Deploy decided() {
        exclude("--reset-scale", resetScale, "--no-scale", noScale);
        exclude("--attach", attach, "--detach", detach);
        if ((attach || detach) && strategy == AppsCommand.Strategy.RECREATE) {
            throw Failure.badInput("--attach and --detach go with a rolling deploy only");
        }
        return new Requests.Deploy(
                strategy == null ? null : DeploymentStrategy.valueOf(strategy.name()),
                either(resetScale, noScale),
                either(attach, detach),
                message,
                annotations,
                null);
    }

    private static @Nullable Boolean either(boolean yes, boolean no) {
        return yes || no ? yes : null;
    }

    private static void exclude(String one, boolean first, String other, boolean second) {
        if (first && second) {
            throw Failure.badInput("%s and %s exclude each other", one, other);
        }
    }

    /// protocol: control 2.6
    private static RegisterApplicationResult register(
            Connection connection, RegisterApplicationRequest request, Progress progress) {
        var results = connection.control().registerApplication(request);
        while (results.hasNext()) {
            RegisterApplicationResult result = results.next();
            ServerLog.show(result.getLogsList(), progress);
            if (result.hasResult()) {
                return result;
            }
        }
        throw Failure.failed("the server did not confirm the deploy; its log says why");
    }

    private static AliasInfo alias(Connection connection, RegisterApplicationRequest request) {
        ListAliasesRequest.Builder list = ListAliasesRequest.newBuilder();
        if (request.hasEnvironmentName()) {
            list.setEnvironmentName(request.getEnvironmentName());
        }
        return connection.control().listAliases(list.build()).getAliasesList().stream()
                .filter(alias -> alias.getAlias().equals(request.getApplicationName()))
                .findFirst()
                .orElse(AliasInfo.getDefaultInstance());
    }

    private void show(
            RegisterApplicationRequest request, RegisterApplicationResult result, AliasInfo alias) {
        String revision = result.getResult().getApplicationId();
        String name = EnvOption.shown(request.getApplicationName(), request.getEnvironmentName());
        String status = alias.getIsRolling() ? "rolling_out" : "deployed";
        var urls = result.getServiceUrls();
        Map<String, String> json = new LinkedHashMap<>();
        json.put("revision", revision);
        json.put("app_name", name);
        json.put("status", status);
        json.put("auth_mode", alias.getAuthMode().name().toLowerCase(Locale.ROOT));
        json.put("run_url", urls.getRun());
        json.put("queue_url", urls.getQueue());
        output.print(
                json,
                """
                %s %s (%s, revision %s)
                  sync   %s
                  queue  %s\
                """
                        .formatted(
                                status.equals("deployed") ? "deployed" : "rolling out",
                                name,
                                json.get("auth_mode"),
                                revision,
                                urls.getRun(),
                                urls.getQueue()));
    }
}
