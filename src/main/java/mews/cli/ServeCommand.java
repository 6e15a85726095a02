package mews.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
final class ServeCommand implements Callable<Integer> {
    private final Serve server;

    @Option(
            names = LocalServer.WHILE_USED,
            description = "End ten seconds after the last 'mews run' that uses it.")
    boolean whileUsed;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Read this instead of mews.toml in the state folder.")
    @Nullable Path config;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Listen on this port instead of the configured ones.")
    @Nullable Integer port;

    ServeCommand(Serve server) {
        this.server = server;
    }

    @Override
    public Integer call() throws IOException {
        return server.serve(new Serve.Wish(whileUsed, config, port));
    }
}
