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
import java.util.TreeSet;
import mews.base.Env;
import mews.sandbox.EgressProxy.Bounds;
import mews.sandbox.EgressProxy.Duty;
import mews.sandbox.Reachable.Block;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Network;
import org.jspecify.annotations.Nullable;

/// Opens an egress proxy for each sandbox that needs one, and tells the programs in there of it.
///
/// @param allowed networks of `mews.toml`
/// @param own where this server and its database listen
/// @param environment of this server, which may name the proxies of its own network
/// @param forwarder folder with what carries connections inside
record EgressDesk(
        List<Block> allowed,
        Set<InetSocketAddress> own,
        Map<String, String> environment,
        Path forwarder) {
    /// Where the forwarder inside listens: low enough that the kernel gives it to nobody by itself.
    private static final String INSIDE = "http://127.0.0.1:29100";

    static final String FORWARDER = "egress.py";
    private static final String FORWARDER_INSIDE = "/run/mews-egress";
    static final String SOCKET_INSIDE = "/run/mews-egress.sock";

    /// Tells the forwarder where the proxy is. protocol: runner/src/mews_runner/egress.py
    static final String VARIABLE = "MEWS_EGRESS";

    private static final List<String> PROXIES = List.of("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY");
    private static final String EXCEPT = "NO_PROXY";
    private static final String LOOPBACK = "localhost,127.0.0.1,127.0.0.2,127.0.0.3,::1";

    /// @param forwarder folder that the forwarder is laid into
    static EgressDesk open(List<Block> allowed, Set<InetSocketAddress> own, Path forwarder)
            throws IOException {
        Files.createDirectories(forwarder);
        // Read inside by whatever user that is.
        Files.setPosixFilePermissions(forwarder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path copy = Programs.write(forwarder, FORWARDER);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
        return new EgressDesk(allowed, Set.copyOf(own), Env.all(), forwarder);
    }

    /// @param name of the sandbox
    /// @param room its scratch folder
    /// @throws IOException if it cannot listen, or this server's own proxy cannot be used
    EgressProxy open(String name, SandboxSpec spec, Path room) throws IOException {
        return open(name, spec.reach(), room);
    }

    /// @param room folder of the one who uses it
    EgressProxy open(String name, SandboxSpec.Reach reach, Path room) throws IOException {
        Map<String, String> outer = reach.upstream().isEmpty() ? environment : reach.upstream();
        Targets targets = new Targets(allowed, own, reach.named(), Targets.Resolver.OF_HOST);
        Duty duty;
        try {
            duty = new Duty(name, targets, Upstream.of(outer), Bounds.STANDARD, reach.refused());
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
    SandboxSpec through(SandboxSpec spec, Path room) {
        List<Bind> binds = new ArrayList<>(spec.binds());
        List<String> command = new ArrayList<>();
        @Nullable Path python = spec.reach().python();
        if (python != null) {
            binds.add(new Bind(forwarder, FORWARDER_INSIDE, false));
            String script = FORWARDER_INSIDE + "/" + FORWARDER;
            command.addAll(List.of(python.toString(), "-I", "-S", "-B", script));
        }
        command.addAll(spec.command());
        binds.add(new Bind(socket(room), SOCKET_INSIDE, false));
        Map<String, String> environment = new HashMap<>(spec.environment());
        for (String variable : PROXIES) {
            put(environment, variable, INSIDE);
        }
        environment.put(VARIABLE, SOCKET_INSIDE);
        List<String> except = new ArrayList<>(List.of(LOOPBACK));
        except.addAll(new TreeSet<>(spec.hosts().keySet()));
        except.add(environment.getOrDefault(EXCEPT, ""));
        environment.remove(EXCEPT);
        environment.remove(EXCEPT.toLowerCase(Locale.ROOT));
        // A build speaks to no server of its own, but indexes may be on this host's loopback.
        if (spec.network() != Network.PROXY) {
            except.removeIf(String::isEmpty);
            put(environment, EXCEPT, String.join(",", except));
        }
        return spec.with(command, environment, binds);
    }

    /// What a program is told of its proxy.
    ///
    /// @param socket where it sees the socket
    static Map<String, String> variables(String socket) {
        Map<String, String> variables = new HashMap<>();
        PROXIES.forEach(variable -> put(variables, variable, INSIDE));
        variables.put(VARIABLE, socket);
        return variables;
    }

    private static void put(Map<String, String> environment, String name, String value) {
        environment.put(name, value);
        environment.put(name.toLowerCase(Locale.ROOT), value);
    }

    static Path socket(Path room) {
        return room.resolve("proxy").resolve("s");
    }
}
