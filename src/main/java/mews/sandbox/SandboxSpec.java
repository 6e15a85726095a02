package mews.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A process to start, and what it may see and use.
///
/// @param name short, fit for a cgroup or host name: `[a-z0-9-]{1,40}`
/// @param command argument list, no shell
/// @param environment the whole environment; nothing is inherited
/// @param workdir inside the sandbox
/// @param binds files and folders of the host made visible; the system's own folders are there
///   read-only already
/// @param network what it may reach
/// @param limits enforced by whatever the host offers
/// @param owner processes of one owner may share files: as root, each owner has an unprivileged uid
///   of its own, to which writable binds are handed over. Empty = the uid of all without owner
/// @param hosts names to addresses, for `/etc/hosts` where it has files of its own
/// @param reach what the egress proxy lets through besides the internet, where one is in the way
/// @param root null = this host's own system, read-only
public record SandboxSpec(
        String name,
        List<String> command,
        Map<String, String> environment,
        String workdir,
        List<Bind> binds,
        Network network,
        Limits limits,
        String owner,
        Map<String, String> hosts,
        Reach reach,
        @Nullable Root root) {
    public SandboxSpec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        binds = List.copyOf(binds);
        hosts = Map.copyOf(hosts);
    }

    /// On this host's own system.
    public SandboxSpec(
            String name,
            List<String> command,
            Map<String, String> environment,
            String workdir,
            List<Bind> binds,
            Network network,
            Limits limits,
            String owner,
            Map<String, String> hosts,
            Reach reach) {
        this(
                name,
                command,
                environment,
                workdir,
                binds,
                network,
                limits,
                owner,
                hosts,
                reach,
                null);
    }

    public SandboxSpec(
            String name,
            List<String> command,
            Map<String, String> environment,
            String workdir,
            List<Bind> binds,
            Network network,
            Limits limits,
            String owner) {
        this(
                name,
                command,
                environment,
                workdir,
                binds,
                network,
                limits,
                owner,
                Map.of(),
                Reach.NOTHING_MORE);
    }

    public SandboxSpec(
            String name,
            List<String> command,
            Map<String, String> environment,
            String workdir,
            List<Bind> binds,
            Network network,
            Limits limits) {
        this(name, command, environment, workdir, binds, network, limits, "");
    }

    /// The same process, started in another way.
    public SandboxSpec with(
            List<String> command, Map<String, String> environment, List<Bind> binds) {
        return new SandboxSpec(
                name,
                command,
                environment,
                workdir,
                binds,
                network,
                limits,
                owner,
                hosts,
                reach,
                root);
    }

    /// The root file system of an image. What its processes change there is theirs alone, and lost
    /// with them.
    ///
    /// @param files read-only; a plain folder or a mounted overlay
    /// @param changes empty folder on this host's disk for what they write; whoever made it deletes
    ///   it
    /// @param user whom the process runs as; on this host that is the owner's uid
    /// @param lifeline whether the process gets the pipe as its stdin; else it finds nothing there
    /// @param readOnly whether it may change none of the files; `/tmp` is in memory then
    public record Root(Path files, Path changes, User user, boolean lifeline, boolean readOnly) {}

    /// Somebody inside an image.
    ///
    /// @param groups further ones
    public record User(int uid, int gid, List<Integer> groups) {
        public static final User ROOT = new User(0, 0, List.of());

        public User {
            groups = List.copyOf(groups);
        }
    }

    /// @param inside absolute path in the sandbox; without a mount namespace it must equal `host`
    /// @param writable as root the whole tree is given to the process's uid at the first start that
    ///   binds it. From then on treat what is in it as a stranger's: follow no links there
    /// @param device whether it is a device file that may be used as one
    /// @param part path below `host` of a folder that is shown instead of it, and made if it is
    ///   missing; empty = `host` itself. What lies below `host` may be in a stranger's hands: a
    ///   link on the way is refused. Without a mount namespace all of `host` is there
    public record Bind(Path host, String inside, boolean writable, boolean device, String part) {
        public Bind(Path host, String inside, boolean writable) {
            this(host, inside, writable, false, "");
        }

        public static Bind part(Path host, String part, String inside) {
            return new Bind(host, inside, true, false, part);
        }

        public static Bind device(Path host, String inside) {
            return new Bind(host, inside, false, true, "");
        }

        public static Bind readOnly(Path same) {
            return new Bind(same, same.toString(), false);
        }

        public static Bind writable(Path same) {
            return new Bind(same, same.toString(), true);
        }
    }

    /// @param memoryBytes null = no limit
    /// @param milliCpus null = no limit
    /// @param processes null = no limit
    /// @param background whether it gives way to everything else that wants a processor
    public record Limits(
            @Nullable Long memoryBytes,
            @Nullable Integer milliCpus,
            @Nullable Integer processes,
            boolean background) {
        public static final Limits NONE = new Limits(null, null, null);

        /// Only what nobody else wants.
        public static final Limits LEFTOVERS = new Limits(null, null, null, true);

        public Limits(
                @Nullable Long memoryBytes,
                @Nullable Integer milliCpus,
                @Nullable Integer processes) {
            this(memoryBytes, milliCpus, processes, false);
        }
    }

    /// @param named targets as `host:port` that are let through whatever their address, this host
    ///   and private networks included; never this server's own ports or a link-local address
    /// @param upstream variables such as `HTTPS_PROXY` and `NO_PROXY` that tell by which proxies
    ///   the outer world is reached; empty = as this server's own environment says
    /// @param refused told, in one sentence each, what was refused; from any thread
    /// @param python interpreter in the sandbox, with which programs' connections are carried to
    ///   the proxy; null = the command does that itself
    public record Reach(
            Set<String> named,
            Map<String, String> upstream,
            Consumer<String> refused,
            @Nullable Path python) {
        public static final Reach NOTHING_MORE =
                new Reach(Set.of(), Map.of(), sentence -> {}, null);

        public Reach {
            named = Set.copyOf(named);
            upstream = Map.copyOf(upstream);
        }
    }

    public enum Network {
        /// Only its own loopback.
        NONE,
        /// The internet, but not this host, its neighbours or private ranges: by a network
        /// interface where this host can give one, else by the egress proxy.
        EGRESS,
        /// Only its own loopback, and the egress proxy for what is on the internet or in `reach`.
        PROXY,
        /// Whatever this host reaches.
        HOST
    }
}
