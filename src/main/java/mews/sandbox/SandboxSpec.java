package mews.sandbox;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
public record SandboxSpec(
        String name,
        List<String> command,
        Map<String, String> environment,
        String workdir,
        List<Bind> binds,
        Network network,
        Limits limits,
        String owner) {
    public SandboxSpec {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        binds = List.copyOf(binds);
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

    /// @param inside absolute path in the sandbox; without a mount namespace it must equal `host`
    /// @param writable as root the whole tree is given to the process's uid at the first start that
    ///   binds it. From then on treat what is in it as a stranger's: follow no links there
    public record Bind(Path host, String inside, boolean writable) {
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
    public record Limits(
            @Nullable Long memoryBytes, @Nullable Integer milliCpus, @Nullable Integer processes) {
        public static final Limits NONE = new Limits(null, null, null);
    }

    public enum Network {
        /// Only its own loopback.
        NONE,
        /// The internet, but not this host, its neighbours or private ranges.
        EGRESS,
        /// Whatever this host reaches; for builds that need a private index.
        HOST
    }
}
