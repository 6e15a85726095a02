package mews.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import mews.base.Home;
import mews.project.Requests;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command
final class RunCommand implements Callable<Integer> {
    @Mixin AppOptions options = new AppOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "REF|APP",
            description =
                    "file.py::Class, file.py, or a key of [tool.fal.apps] (default: the only one).")
    @Nullable String app;

    @Option(
            names = "--input",
            paramLabel = "JSON",
            description =
                    "Send this one request, print the answer and end: JSON, @file, or - for standard input.")
    @Nullable String input;

    @Option(names = "--path", paramLabel = "PATH", description = "Where --input goes (default: /).")
    String path = "/";

    @Option(
            names = "--machine-type",
            paramLabel = "TYPE",
            description = "Run on this machine type instead of the app's.")
    @Nullable String machineType;

    @Override
    public Integer call() throws IOException {
        byte @Nullable [] body = input == null ? null : Input.read(input);
        Terminal terminal = Terminal.ofProcess();
        AppChoice choice = AppChoice.of(app, Path.of("").toAbsolutePath(), terminal);
        try (Progress progress = new Progress(terminal);
                Connection connection = connect(choice, progress)) {
            Presence.hold(connection.rest());
            Preparation preparation = new Preparation(connection, progress);
            Requests requests = preparation.requests(choice, options.choices(machineType));
            preparation.build(requests.buildForRun());
            EphemeralRun run = new EphemeralRun(connection, progress);
            return body == null
                    ? run.stay(requests.run())
                    : run.callOnce(requests.run(), absolute(path), body);
        }
    }

    private Connection connect(AppChoice choice, Progress progress) throws IOException {
        ServerFinder finder = new ServerFinder(Home.ofEnvironment());
        String named = options.server.server;
        ServerAddress address =
                ServerFinder.named(named)
                        ? finder.find(named).orElseThrow()
                        : new LocalServer(Home.ofEnvironment(), finder, progress).findOrStart();
        String team = options.server.team;
        return ServerOptions.connect(address, team != null ? team : choice.team());
    }

    private static String absolute(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }
}
