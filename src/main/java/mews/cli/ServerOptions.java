package mews.cli;

import java.io.IOException;
import mews.base.Home;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of every command that talks to a server.
final class ServerOptions {
    @Option(
            names = {"--server", "--host"},
            paramLabel = "URL",
            description =
                    "The server, such as http://127.0.0.1:8787 (default: MEWS_SERVER, else the one that runs here).")
    @Nullable String server;

    @Option(
            names = "--team",
            paramLabel = "NAME",
            description = "Act for this team; the key's user must be a member.")
    @Nullable String team;

    /// @throws Failure if there is no server to talk to
    Connection connect() throws IOException {
        Home home = Home.ofEnvironment();
        ServerAddress address =
                new ServerFinder(home)
                        .find(server)
                        .orElseThrow(() ->
                                Failure.failed(
                                        "no server runs on this machine's %s; start one with '%s serve', or name one with --server or MEWS_SERVER",
                                        home.root(), Terminal.program()));
        Connection connection = connect(address, team);
        if (!ServerFinder.named(server)) {
            // It may be one that 'run' started and that goes with its last user.
            Presence.hold(connection.rest());
        }
        return connection;
    }

    static Connection connect(ServerAddress address, @Nullable String team) throws IOException {
        Connection connection = Connection.to(address);
        return team == null || team.isEmpty() ? connection : connection.forTeam(team);
    }
}
