package mews.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import mews.base.Folders;
import mews.base.Hashes;
import mews.base.Home;
import mews.host.Bubblewrap;
import mews.host.Cgroups;
import mews.sandbox.Reachable.Block;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The best sandbox that this host can give one server, and what belongs to it: control groups,
/// network namespaces, packet filter, scratch files. One per server.
public final class Sandboxes implements AutoCloseable {
    /// Below the scratch folder: programs of ours that sandboxes see.
    static final String FORK_FILES = "forks";

    private static final String PROXY_FILES = "egress";

    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

    private final Sandbox sandbox;
    private final Egress egress;
    private final @Nullable EgressDesk desk;
    private final Ground ground;

    /// What a server has on its host.
    private record Ground(Claim claim, Cgroups cgroups, Path scratch) {}

    private Sandboxes(Sandbox sandbox, Egress egress, @Nullable EgressDesk desk, Ground ground) {
        this.sandbox = sandbox;
        this.egress = egress;
        this.desk = desk;
        this.ground = ground;
    }

    /// The same for a host where nothing of ours listens.
    public static Sandboxes open(Home home, List<String> addWhatReaches) {
        return open(home, addWhatReaches, Set.of());
    }

    /// Takes down what an earlier life of the same home left (processes, groups, networks, files)
    /// and, but for files, what other servers of this user left that are gone; tries what works
    /// here and sets it up. Only one server of a home may run.
    ///
    /// @param addWhatReaches IPv4 addresses or networks, such as `10.1.2.0/24`, that processes with
    ///   `EGRESS` or `PROXY` may reach although they are private
    /// @param own where this server and its database listen, which the egress proxy never leads to
    public static Sandboxes open(
            Home home, List<String> addWhatReaches, Set<InetSocketAddress> own) {
        addWhatReaches.forEach(Sandboxes::check);
        String server = Hashes.sha256Hex(home.root().toString()).substring(0, 8);
        Path scratch = home.sockets().resolve("sandbox");
        Cgroups cgroups = Cgroups.probe("mews-" + server);
        Ground ground = new Ground(claim(home, server), cgroups, scratch);
        sweep(cgroups, server);
        clear(scratch);
        Bubblewrap bubblewrap = Bubblewrap.probe();
        if (!bubblewrap.works()) {
            LOG.warn("runners have no isolation reason={}", bubblewrap.detail());
            Egress none = Egress.none("no isolation");
            return new Sandboxes(new PlainSandbox(cgroups, scratch, server), none, null, ground);
        }
        Egress egress = egress(bubblewrap, server, addWhatReaches);
        List<Block> allowed = addWhatReaches.stream().map(Block::parse).toList();
        EgressDesk desk;
        try {
            desk = EgressDesk.open(allowed, own, scratch.resolve(PROXY_FILES));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lay out the egress proxy's files", e);
        }
        Sandbox sandbox = new BubblewrapSandbox(bubblewrap, cgroups, egress, desk, scratch);
        LOG.info("sandbox is ready isolation={}", sandbox.isolation());
        return new Sandboxes(sandbox, egress, desk, ground);
    }

    public Sandbox sandbox() {
        return sandbox;
    }

    /// @return empty where this host has no such namespaces
    public Optional<NetworkLease> leaseNetwork() throws IOException {
        return Optional.ofNullable(egress.open()).map(NetworkLease::new);
    }

    /// @param reach what it leads to besides the internet
    /// @return empty where sandboxes have no network of their own
    public Optional<ProxyLease> leaseProxy(SandboxSpec.Reach reach) throws IOException {
        if (desk == null) {
            return Optional.empty();
        }
        Path room = Files.createTempDirectory(ground.scratch(), "lease-");
        return Optional.of(new ProxyLease(desk.open("image", reach, room), room, desk.forwarder()));
    }

    /// Gives back networks, packet filter and control groups. Close every process first.
    @Override
    public void close() {
        egress.close();
        ControlGroup.leave(ground.cgroups());
        // No more: where files of an image are mounted, deleting would reach into the image.
        for (String programs : List.of(PROXY_FILES, FORK_FILES)) {
            Path folder = ground.scratch().resolve(programs);
            try {
                Folders.delete(folder);
            } catch (IOException e) {
                LOG.warn("files are left folder={}", folder, e);
            }
        }
        removeEmpty();
        try {
            ground.claim().close();
        } catch (IOException e) {
            LOG.debug("the next server sweeps once more than it needs to", e);
        }
    }

    /// Rooms of processes go with them, and this finds none. No more than empty folders: see above.
    private void removeEmpty() {
        try (Stream<Path> rooms = Files.list(ground.scratch())) {
            for (Path room : rooms.toList()) {
                if (room.toFile().delete()) {
                    LOG.warn("an empty folder was left folder={}", room);
                }
            }
        } catch (IOException e) {
            LOG.warn("files may be left folder={}", ground.scratch(), e);
        }
    }

    private static Egress egress(Bubblewrap bubblewrap, String server, List<String> reach) {
        if (!bubblewrap.asRoot()) {
            return Egress.none("a network interface of their own needs a server run by root");
        }
        try {
            return NetworkNamespaces.open(server, reach);
        } catch (IOException e) {
            LOG.warn("runners have no network interface reason={}", e.getMessage());
            return Egress.none(String.valueOf(e.getMessage()));
        }
    }

    private static Claim claim(Home home, String server) {
        Claim claim;
        try {
            claim = Claim.stake(home.sockets(), server);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot hold a file in " + home.sockets(), e);
        }
        try {
            claim.sweepOthers(other -> {
                Cgroups cgroups = Cgroups.probe("mews-" + other);
                sweep(cgroups, other);
                ControlGroup.leave(cgroups);
            });
        } catch (IOException e) {
            LOG.warn("what other servers left may stay", e);
        }
        return claim;
    }

    private static void sweep(Cgroups cgroups, String server) {
        ControlGroup.sweep(cgroups);
        ProcessTree.marked(PlainSandbox.MARK, server + "/").forEach(ProcessHandle::destroyForcibly);
        NetworkNamespaces.sweep(server);
    }

    private static void clear(Path scratch) {
        try {
            Folders.delete(scratch);
            Files.createDirectories(scratch);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + scratch, e);
        }
    }

    private static void check(String network) {
        if (!network.matches("\\d{1,3}(\\.\\d{1,3}){3}(/\\d{1,2})?")) {
            throw new IllegalArgumentException(
                    "'%s' is not an IPv4 network such as 10.1.2.0/24".formatted(network));
        }
    }
}
