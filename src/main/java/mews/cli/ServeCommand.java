package mews.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command
final class ServeCommand implements Callable<Integer> {
    private final Serve server;

    @Option(
            names = LocalServer.WHILE_USED,
            description = "End ten seconds after the last 'mews run' that uses it.")
    boolean whileUsed;

    ServeCommand(Serve server) {
        this.server = server;
    }

    @Override
    public Integer call() throws IOException {
        return server.serve(whileUsed);
    }
}
