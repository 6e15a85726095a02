package mews.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import mews.build.BuildSettings;
import mews.build.image.ImageRules;
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
        Tls tls,
        Sql sql,
        Map<String, MachineType> machines,
        Place place,
        Sandbox sandbox,
        BuildSettings builds,
        ImageRules images,
        Runners runners,
        Keep logs,
        Keep history,
        Keep queue,
        Cache cache) {
    /// @param listen further addresses to listen on; their authorities decide nothing
    /// @param anyPort whether another port may be taken when one is in use: nobody asked for it
    /// @param drain how long requests and runners get when the server stops
    public record Server(List<Authority> listen, boolean anyPort, Duration drain) {}

    /// @param domain whose names `api.`, `rest.`, `run.`, `queue.run.` and `ws.run.` lead here;
    ///   null: none
    /// @param certificate the user's own chain in PEM; null: the local authority makes one
    /// @param key of that certificate
    /// @param plaintextAnywhere whether calls from other machines may come without TLS
    public record Tls(
            @Nullable String domain,
            @Nullable Path certificate,
            @Nullable Path key,
            boolean plaintextAnywhere) {}

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
    /// @param cdiFolders where accelerators are described
    public record Place(@Nullable String region, long memoryMarginBytes, List<Path> cdiFolders) {}

    /// @param allowNetworks of the host's side, that apps may reach all the same, as `address/bits`
    public record Sandbox(List<String> allowNetworks) {}

    /// @param limitBytes most that builds keep on disk to be used again
    /// @param leastFreeBytes free on the disk before a build starts
    /// @param keepRevisions newest revisions of each app whose environments stay on disk
    public record Cache(long limitBytes, long leastFreeBytes, int keepRevisions) {}

    /// @param warmMemoryBytes most that warm parents may take; 0 = every runner starts plainly
    /// @param forksAhead that wait for a request, for each warm parent in use
    /// @param streamDrain how long a runner that is to go waits for websockets and streams
    public record Runners(long warmMemoryBytes, int forksAhead, Duration streamDrain) {}

    /// @param retention how long the room keeps what it has
    public record Keep(Duration retention) {}

    /// Standard types that fit this host, and all configured ones.
    ///
    /// @param hostMemoryBytes what the host has in all
    ///
    /// @param gpus accelerators of this host
    public MachineCatalog catalog(long hostMemoryBytes, int gpus) {
        Map<String, MachineType> offered = new TreeMap<>();
        MachineCatalog.standard()
                .types()
                .forEach((name, type) -> {
                    if (type.memoryBytes() <= hostMemoryBytes) {
                        offered.put(name, type);
                    }
                });
        offered.putAll(machines);
        return new MachineCatalog(offered, gpus);
    }

    /// The URLs that callers get: of the first authority of each family, or a prefix on the control
    /// plane's where a family has none.
    public Addresses urls() {
        return urls(addresses);
    }

    /// The same by address literals, as far as there are any: for callers on this machine, who may
    /// not know the names.
    public Addresses numberedUrls() {
        List<Authority> numbered = addresses.stream().filter(Authority::isLiteral).toList();
        return numbered.stream().anyMatch(each -> each.family() == Family.CONTROL)
                ? urls(numbered)
                : urls();
    }

    /// The same for clients that speak TLS only. What leads here through something else is as it
    /// was told.
    public Addresses secureUrls() {
        return urls(
                addresses.stream()
                        .map(each ->
                                each.isLiteral()
                                        ? new Authority(
                                                true, each.host(), each.port(), each.family())
                                        : each)
                        .toList());
    }

    private static Addresses urls(List<Authority> addresses) {
        Authority control = of(addresses, Family.CONTROL);
        Authority main = control == null ? addresses.getFirst() : control;
        Authority run = of(addresses, Family.RUN);
        Authority queue = of(addresses, Family.QUEUE);
        Authority ws = of(addresses, Family.WS);
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
                tls,
                sql,
                machines,
                place,
                sandbox,
                builds,
                images,
                runners,
                logs,
                history,
                queue,
                cache);
    }

    private List<Authority> moved(List<Authority> authorities, int port) {
        return authorities.stream()
                .map(authority ->
                        authority.isLiteral() || ofDomain(authority)
                                ? authority.withPort(port)
                                : authority)
                .toList();
    }

    /// Names of our own domain lead here themselves, others through something else.
    private boolean ofDomain(Authority authority) {
        return tls.domain() != null && authority.host().endsWith("." + tls.domain());
    }

    private static @Nullable Authority of(List<Authority> addresses, Family family) {
        return addresses.stream()
                .filter(authority -> authority.family() == family)
                .findFirst()
                .orElse(null);
    }
}
