package mews.server;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import mews.build.BuildSettings;
import mews.build.ImageRules;
import mews.model.Addresses;
import mews.model.Family;
import mews.model.MachineCatalog;
import mews.model.MachineType;
import org.jspecify.annotations.Nullable;

/// What `mews.toml` says, one record for each room that has something to say. `mews.example.toml`
/// documents every setting.
public record ServerConfig(
        Server server,
        List<Authority> addresses,
        Sql sql,
        Map<String, MachineType> machines,
        Place place,
        Sandbox sandbox,
        BuildSettings builds,
        ImageRules images,
        Keep logs,
        Keep history,
        Keep queue,
        Cache cache) {
    /// @param listen further addresses to listen on; their authorities decide nothing
    /// @param anyPort whether another port may be taken when one is in use: nobody asked for it
    /// @param drain how long requests and runners get when the server stops
    public record Server(List<Authority> listen, boolean anyPort, Duration drain) {}

    /// @param url `jdbc:postgresql:…`, may hold a password; null: embedded PostgreSQL
    /// @param connections most that are held at once
    public record Sql(@Nullable String url, int connections) {
        /// Never the password.
        @Override
        public String toString() {
            return "Sql[%s, connections=%d]"
                    .formatted(url == null ? "embedded" : "external", connections);
        }
    }

    /// @param region null: serves any
    /// @param memoryMarginBytes kept free for the host itself
    public record Place(@Nullable String region, long memoryMarginBytes) {}

    /// @param allowNetworks of the host's side, that apps may reach all the same, as `address/bits`
    public record Sandbox(List<String> allowNetworks) {}

    /// @param limitBytes most that builds keep on disk to be used again
    /// @param leastFreeBytes free on the disk before a build starts
    /// @param keepRevisions newest revisions of each app whose environments stay on disk
    public record Cache(long limitBytes, long leastFreeBytes, int keepRevisions) {}

    /// @param retention how long the room keeps what it has
    public record Keep(Duration retention) {}

    /// Standard types that fit this host, and all configured ones.
    ///
    /// @param hostMemoryBytes what the host has in all
    public MachineCatalog catalog(long hostMemoryBytes) {
        Map<String, MachineType> offered = new TreeMap<>();
        MachineCatalog.standard()
                .types()
                .forEach((name, type) -> {
                    if (type.memoryBytes() <= hostMemoryBytes) {
                        offered.put(name, type);
                    }
                });
        offered.putAll(machines);
        return new MachineCatalog(offered);
    }

    /// The URLs that callers get: of the first authority of each family, or a prefix on the control
    /// plane's where a family has none.
    public Addresses urls() {
        Authority control = of(Family.CONTROL);
        Authority main = control == null ? addresses.getFirst() : control;
        Authority run = of(Family.RUN);
        Authority queue = of(Family.QUEUE);
        Authority ws = of(Family.WS);
        return new Addresses(
                main.url("http"),
                run == null ? main.url("http") : run.url("http"),
                queue == null ? main.url("http") + "/queue" : queue.url("http"),
                ws == null ? main.url("ws") + "/ws" : ws.url("ws"));
    }

    /// The same with every port of ours replaced; names keep theirs.
    ///
    /// @param fixed whether it was asked for, so that no other will do
    public ServerConfig onPort(int port, boolean fixed) {
        return new ServerConfig(
                new Server(moved(server.listen(), port), !fixed, server.drain()),
                moved(addresses, port),
                sql,
                machines,
                place,
                sandbox,
                builds,
                images,
                logs,
                history,
                queue,
                cache);
    }

    private static List<Authority> moved(List<Authority> authorities, int port) {
        return authorities.stream()
                .map(authority -> authority.isLiteral() ? authority.withPort(port) : authority)
                .toList();
    }

    private @Nullable Authority of(Family family) {
        return addresses.stream()
                .filter(authority -> authority.family() == family)
                .findFirst()
                .orElse(null);
    }
}
