package mews.sandbox;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import mews.sandbox.EgressProxy.Bounds;
import mews.sandbox.EgressProxy.Duty;
import mews.sandbox.Reachable.Block;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Network;

/// Opens an egress proxy for each sandbox that needs one, and tells the programs in there of it.
///
/// @param allowed networks of `mews.toml`
/// @param own where this server and its database listen
/// @param environment of this server, which may name the proxies of its own network
record EgressDesk(
        List<Block> allowed, Set<InetSocketAddress> own, Map<String, String> environment) {
    /// Where the forwarder inside listens: low enough that the kernel gives it to nobody by itself.
    private static final String INSIDE = "http://127.0.0.1:29100";

    private static final String SOCKET_INSIDE = "/run/mews-egress.sock";

    /// Tells the forwarder where the proxy is. protocol: runner/src/mews_runner/egress.py
    private static final String VARIABLE = "MEWS_EGRESS";

    private static final List<String> PROXIES = List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY");
    private static final String EXCEPT = "NO_PROXY";
    private static final String LOOPBACK = "localhost,127.0.0.1,127.0.0.2,127.0.0.3,::1";

    /// @param name of the sandbox
    /// @param room its scratch folder
    /// @throws IOException if it cannot listen, or this server's own proxy cannot be used
    EgressProxy open(String name, SandboxSpec spec, Path room) throws IOException {
        Map<String, String> outer =
                spec.reach().upstream().isEmpty() ? environment : spec.reach().upstream();
        Targets targets = new Targets(allowed, own, spec.reach().named(), Targets.Resolver.OF_HOST);
        Duty duty;
        try {
            duty =
                    new Duty(
                            name,
                            targets,
                            Upstream.of(outer),
                            Bounds.STANDARD,
                            spec.reach().refused());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        Files.createDirectory(
                socket(room).resolveSibling(""),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return EgressProxy.open(socket(room), duty);
    }

    /// The same process with its proxy in reach. Programs take no way but this one, since there is
    /// none.
    static SandboxSpec through(SandboxSpec spec, Path room) {
        List<Bind> binds = new ArrayList<>(spec.binds());
        binds.add(new Bind(socket(room), SOCKET_INSIDE, false));
        Map<String, String> environment = new HashMap<>(spec.environment());
        for (String variable : PROXIES) {
            put(environment, variable, INSIDE);
        }
        environment.put(VARIABLE, SOCKET_INSIDE);
        String except = environment.getOrDefault(EXCEPT, "");
        environment.remove(EXCEPT);
        environment.remove(EXCEPT.toLowerCase(Locale.ROOT));
        if (spec.network() == Network.EGRESS) {
            put(environment, EXCEPT, except.isEmpty() ? LOOPBACK : LOOPBACK + "," + except);
        }
        return new SandboxSpec(
                spec.name(),
                spec.command(),
                environment,
                spec.workdir(),
                binds,
                spec.network(),
                spec.limits(),
                spec.owner(),
                spec.hosts(),
                spec.reach());
    }

    private static void put(Map<String, String> environment, String name, String value) {
        environment.put(name, value);
        environment.put(name.toLowerCase(Locale.ROOT), value);
    }

    private static Path socket(Path room) {
        return room.resolve("proxy").resolve("s");
    }
}
