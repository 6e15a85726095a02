package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import mews.base.Folders;
import mews.base.Json;
import mews.host.Cgroups;
import mews.host.NestedNamespaces;
import mews.sandbox.Egress.Connection;
import mews.sandbox.Sandbox.Lineage;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Network;
import org.jspecify.annotations.Nullable;

/// What a parent and its forks are started with.
final class Forks {
    /// Where a parent sees the nests.
    private static final String HIDDEN = "/.mews";

    private static final long SHARED_MEMORY_BYTES = 2L << 30;

    /// Keeps the namespaces when the command ends: its forks live in there too. Where it ended
    /// before there could be any, whoever waits for it must hear of its end at once.
    private static final String KEEPER = "{ \"$@\"; test -S \"$0\" || kill $$; } & exec cat";

    private final Cgroups cgroups;
    private final Egress egress;
    private final EgressDesk desk;
    private final Guides guides;
    private final byte[] filter;
    private final byte[] parentFilter;
    private final String refusal;

    /// @param filter of system calls, for forks
    /// @param folder for this class alone
    Forks(
            Cgroups cgroups,
            Egress egress,
            EgressDesk desk,
            Starter starter,
            byte[] filter,
            Path folder) {
        this.cgroups = cgroups;
        this.egress = egress;
        this.desk = desk;
        this.guides = new Guides(starter, folder);
        this.filter = filter;
        this.parentFilter =
                SystemCallFilter.programForParents(System.getProperty("os.arch"))
                        .orElse(new byte[0]);
        this.refusal = NestedNamespaces.refusal();
    }

    String refusal() {
        return refusal;
    }

    byte[] parentFilter() {
        return parentFilter;
    }

    /// Where forks get an egress proxy, their parent has the place for it, but none itself.
    ///
    /// @param room of the parent
    boolean needProxy(Path room) throws IOException {
        Connection connection = egress.connect();
        if (connection != null) {
            connection.close();
            return false;
        }
        Path place = EgressDesk.socket(room);
        Files.createDirectories(place.resolveSibling(""));
        Files.createFile(place);
        return true;
    }

    /// @param room folder for the files of this fork, deleted with it
    SandboxProcess fork(SandboxSpec spec, Lineage of, Path room) throws IOException {
        @Nullable Connection connection =
                spec.network() == Network.EGRESS ? egress.connect() : null;
        @Nullable EgressProxy proxy = null;
        @Nullable ControlGroup group = null;
        try {
            group = ControlGroup.make(cgroups, room.getFileName().toString(), spec.limits());
            Files.createDirectories(room);
            EtcFiles.writeOwn(
                    of.etc(), spec, connection == null ? List.of() : connection.nameservers());
            if (connection == null && spec.network() == Network.EGRESS) {
                proxy = desk.open(room.getFileName().toString(), spec, of.etc());
                Files.setPosixFilePermissions(
                        EgressDesk.socket(of.etc()).resolveSibling(""),
                        PosixFilePermissions.fromString("rwx--x--x"));
            }
            String order = Json.write(order(spec, of, proxy != null));
            String plan = String.join("\0", plan(of, group.doors(), connection));
            Process process =
                    guides.stand(of.interpreter(), new GuidedProcess.Task(room, plan, order));
            Way way = new Way(null, proxy, connection);
            return new SandboxedProcess(process, spec.limits(), cgroups, group, room, way, null);
        } catch (IOException | RuntimeException e) {
            if (group != null) {
                group.remove();
            }
            new Way(null, proxy, connection).close();
            Folders.delete(room);
            throw e;
        }
    }

    static SandboxSpec parent(SandboxSpec spec, List<Path> nests, String door) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", KEEPER, door));
        command.addAll(spec.command());
        List<Bind> binds = new ArrayList<>(spec.binds());
        for (int i = 0; i < nests.size(); i++) {
            binds.add(new Bind(nests.get(i), HIDDEN + "/" + i, true));
        }
        return spec.with(command, spec.environment(), binds);
    }

    /// What the guide reads: fields that end with a zero byte, a name before each.
    private static List<String> plan(
            Lineage of, List<String> groups, @Nullable Connection connection) {
        List<String> plan = new ArrayList<>();
        plan.addAll(List.of("parent", of.door().toString()));
        groups.forEach(group -> plan.addAll(List.of("group", group)));
        if (connection != null) {
            plan.addAll(List.of("device", connection.device()));
            plan.addAll(List.of("mtu", Integer.toString(connection.mtu())));
            plan.addAll(List.of("here", connection.here()));
            plan.addAll(List.of("there", connection.there()));
        }
        plan.add("");
        return plan;
    }

    private Map<String, Object> order(SandboxSpec spec, Lineage of, boolean proxied) {
        List<Bind> own =
                spec.binds().stream().filter(bind -> !of.parent().binds().contains(bind)).toList();
        List<List<String>> folders =
                own.stream().map(bind -> List.of(seen(bind.host(), of), bind.inside())).toList();
        String etc = seen(of.etc(), of);
        List<List<String>> files = new ArrayList<>();
        for (String name : List.of("hosts", "resolv.conf")) {
            files.add(List.of(etc + "/" + name, "/etc/" + name));
        }
        if (proxied) {
            files.add(List.of(seen(EgressDesk.socket(of.etc()), of), EgressDesk.SOCKET_INSIDE));
        }
        // A folder of its own may hide what it shares with the parent.
        List<String> kept =
                of.parent().binds().stream()
                        .map(Bind::inside)
                        .filter(inside ->
                                own.stream()
                                        .anyMatch(bind -> inside.startsWith(bind.inside() + "/")))
                        .toList();
        return Map.of(
                "type",
                "fork",
                "name",
                spec.name(),
                "folders",
                folders,
                "files",
                files,
                "kept",
                kept,
                "hidden",
                List.of(HIDDEN),
                "shared_memory",
                SHARED_MEMORY_BYTES,
                "filter",
                Base64.getEncoder().encodeToString(filter));
    }

    private static String seen(Path host, Lineage of) {
        for (int i = 0; i < of.nests().size(); i++) {
            Path nest = of.nests().get(i);
            if (host.startsWith(nest)) {
                return HIDDEN + "/" + i + "/" + nest.relativize(host);
            }
        }
        throw new IllegalArgumentException("%s is in no nest of the parent".formatted(host));
    }
}
