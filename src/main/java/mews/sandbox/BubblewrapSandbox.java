package mews.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import mews.base.Folders;
import mews.base.Hashes;
import mews.host.Bubblewrap;
import mews.host.Cgroups;
import mews.sandbox.Egress.Passage;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Network;
import org.jspecify.annotations.Nullable;

/// Processes in namespaces of their own, with a read-only system, no rights and, as root, an
/// unprivileged uid. Thread-safe.
final class BubblewrapSandbox implements Sandbox {
    /// Above what distributions and container tools hand out.
    private static final int FIRST_UID = 0x70000000;

    private static final int UIDS = 0x00ffffff;

    /// Joins the groups, unless `stage.py` does it later, opens what bubblewrap reads and writes,
    /// and becomes it. Runs with an environment of ours: a variable of the app's must not reach a
    /// process that still has rights.
    private static final String LAUNCH =
            """
            set -e
            room=$1
            shift
            while read -r door; do echo 0 > "$door"; done < "$room/groups"
            exec 3<"$room/options" 4<"$room/filter" 5>"$room/status"
            if test -e "$room/quiet"; then exec </dev/null; fi
            exec "$@"
            """;

    static final Map<String, String> LAUNCH_ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    private final Bubblewrap bubblewrap;
    private final Cgroups cgroups;
    private final Egress egress;
    private final EgressDesk desk;
    private final Path scratch;
    private final Starter starter = new Starter();
    private final AtomicLong count = new AtomicLong();
    private final byte[] filter;
    private final int ownUid;
    private final ImageRoots roots;
    private final Parts parts;
    private final Forks forks;
    private final Visits visits;

    /// A network to start in: how it is entered, and who answers names there.
    ///
    /// @param own whether bubblewrap makes it
    /// @param proxied whether a proxy of its own leads out of it
    /// @param nesting whether more may be made inside it
    private record Net(
            List<String> enter,
            List<String> nameservers,
            boolean own,
            boolean proxied,
            boolean nesting) {
        Net(List<String> enter, List<String> nameservers, boolean own, boolean proxied) {
            this(enter, nameservers, own, proxied, false);
        }
    }

    /// @param scratch folder for the files of starting processes, on a local file system
    BubblewrapSandbox(
            Bubblewrap bubblewrap, Cgroups cgroups, Egress egress, EgressDesk desk, Path scratch) {
        this.bubblewrap = bubblewrap;
        this.cgroups = cgroups;
        this.egress = egress;
        this.desk = desk;
        this.scratch = scratch;
        this.roots = new ImageRoots(bubblewrap, scratch.resolve("images"));
        this.filter = SystemCallFilter.program(System.getProperty("os.arch")).orElse(new byte[0]);
        Path programs = scratch.resolve(Sandboxes.FORK_FILES);
        this.parts = new Parts(programs);
        this.forks = new Forks(cgroups, egress, desk, starter, filter, programs);
        this.visits = new Visits(starter, programs, filter);
        this.ownUid = bubblewrap.asRoot() ? 0 : ProcessTree.ownUid();
    }

    @Override
    public SandboxProcess start(SandboxSpec spec) throws IOException {
        @Nullable Passage passage = spec.network() == Network.EGRESS ? egress.open() : null;
        Net net =
                passage == null
                        ? new Net(
                                List.of(),
                                List.of(),
                                spec.network() != Network.HOST,
                                spec.network() == Network.PROXY || spec.network() == Network.EGRESS)
                        : new Net(passage.enter(), passage.nameservers(), false, false);
        try {
            return start(spec, net, passage);
        } catch (IOException | RuntimeException e) {
            if (passage != null) {
                passage.close();
            }
            throw e;
        }
    }

    @Override
    public String noForks() {
        return forks.refusal();
    }

    @Override
    public SandboxProcess startParent(SandboxSpec spec, List<Path> nests, String door)
            throws IOException {
        handOver(spec, uid(spec.owner()));
        Net net = new Net(List.of(), List.of(), true, false, true);
        return start(Forks.parent(spec, nests, door), net, null);
    }

    @Override
    public SandboxProcess fork(SandboxSpec spec, Lineage of) throws IOException {
        handOver(spec, uid(spec.owner()));
        String name = spec.name() + "-" + count.incrementAndGet();
        return forks.fork(spec, of, scratch.resolve(name));
    }

    @Override
    public SandboxProcess startBeside(SandboxProcess running, SandboxSpec spec) throws IOException {
        if (!(running instanceof SandboxedProcess other)) {
            throw new IllegalArgumentException("not a process of this sandbox");
        }
        Net net = new Net(other.enterNetwork(), List.of(), false, false);
        return start(other.withItsProxy(spec, desk), net, null);
    }

    @Override
    public Visit enter(SandboxProcess running, Visit.Wish wish) throws IOException {
        return visits.open(((SandboxedProcess) running).place(), wish);
    }

    private SandboxProcess start(SandboxSpec spec, Net net, @Nullable Passage passage)
            throws IOException {
        String name = spec.name() + "-" + count.incrementAndGet();
        Path room = scratch.resolve(name);
        int uid = uid(spec.owner());
        if (!net.nesting()) {
            handOver(spec, uid);
        }
        @Nullable EgressProxy proxy = null;
        @Nullable ControlGroup group = null;
        try {
            group = ControlGroup.make(cgroups, name, spec.limits());
            Files.createDirectories(room);
            proxy = net.proxied() ? desk.open(name, spec, room) : null;
            boolean shown = proxy != null || (net.nesting() && forks.needProxy(room));
            SandboxSpec whole = shown ? desk.through(spec, room) : spec;
            List<String> line = prepare(whole, uid, room, net, group);
            Process process = starter.start(line, LAUNCH_ENVIRONMENT, null);
            return new SandboxedProcess(
                    process, spec.limits(), cgroups, group, room, new Way(passage, proxy), null);
        } catch (IOException | RuntimeException e) {
            if (group != null) {
                group.remove();
            }
            if (proxy != null) {
                proxy.close();
            }
            Folders.delete(room);
            throw e;
        }
    }

    @Override
    public String noRoots() {
        return "";
    }

    @Override
    public String isolation() {
        String user = bubblewrap.asRoot() ? "own uid" : "user namespace";
        String limits =
                cgroups.reason().isEmpty()
                        ? "limits by cgroup v" + cgroups.version()
                        : "limits watched from outside" + kept();
        return "bubblewrap: own files, processes and network, %s; %s; %s"
                .formatted(user, egress.summary(), limits);
    }

    private String kept() {
        return cgroups.version() == 0 ? "" : " where no cgroup serves (" + cgroups.reason() + ")";
    }

    @Override
    public boolean separateFiles() {
        return true;
    }

    @Override
    public boolean separateNetwork() {
        return true;
    }

    private List<String> prepare(SandboxSpec asked, int uid, Path room, Net net, ControlGroup group)
            throws IOException {
        SandboxSpec spec = Parts.in(asked) ? Parts.shown(asked, room) : asked;
        EtcFiles.write(room, spec, uid, net.nameservers());
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", LAUNCH, "mews"));
        line.add(room.toString());
        line.addAll(net.enter());
        if (spec.root() != null) {
            line.addAll(roots.entering(spec.root().user()));
        }
        if (Parts.in(asked)) {
            line.addAll(parts.mounting(asked, owner(spec, uid), room));
        }
        List<String> options;
        List<String> command;
        List<String> doors = group.doors();
        if (spec.root() == null) {
            var arguments = new BubblewrapArguments(spec, bubblewrap, uid, room, net.nesting());
            options = new ArrayList<>(arguments.options(net.own()));
            command = arguments.command();
        } else {
            ImageArguments arguments = roots.arguments(spec, spec.root(), uid, room);
            boolean lowPorts = bubblewrap.asRoot() && !net.own() && !net.enter().isEmpty();
            boolean late = bubblewrap.asRoot();
            line.addAll(roots.staging(arguments, lowPorts, late ? doors : List.of(), room));
            doors = late ? List.of() : doors;
            options = new ArrayList<>(arguments.options(net.own()));
            command = arguments.command();
            if (!spec.root().lifeline()) {
                Files.createFile(room.resolve("quiet"));
            }
        }
        if (filter.length > 0) {
            options.addAll(List.of("--seccomp", "4"));
        }
        options.addAll(List.of("--info-fd", "5"));
        secret(room.resolve("options"), String.join("\0", options) + "\0");
        Files.write(room.resolve("filter"), net.nesting() ? forks.parentFilter() : filter);
        Files.write(room.resolve("groups"), doors);
        line.addAll(List.of(bubblewrap.path().toString(), "--args", "3", "--"));
        line.addAll(command);
        return line;
    }

    /// To whom what is missing is given: as whoever looks then numbers it; null: nobody else.
    private @Nullable Integer owner(SandboxSpec spec, int uid) {
        if (bubblewrap.asRoot()) {
            return uid;
        }
        return spec.root() == null ? null : Integer.valueOf(spec.root().user().uid());
    }

    /// The options hold the environment.
    static void secret(Path file, String text) throws IOException {
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private int uid(String owner) {
        if (!bubblewrap.asRoot()) {
            return ownUid;
        }
        int hash = Integer.parseUnsignedInt(Hashes.sha256Hex(owner).substring(0, 6), 16);
        return FIRST_UID + (hash & UIDS);
    }

    private void handOver(SandboxSpec spec, int uid) throws IOException {
        if (bubblewrap.asRoot()) {
            for (Bind bind : spec.binds()) {
                if (bind.writable()) {
                    Ownership.give(bind.host(), uid);
                }
            }
        }
    }
}
