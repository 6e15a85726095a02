package mews.sandbox;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import mews.sandbox.SandboxSpec.Bind;
import mews.sandbox.SandboxSpec.Root;

/// What `stage.py` and bubblewrap are told for one process on the root file system of an image.
///
/// @param ids how the image's users are numbered on this host
/// @param stepDown how its users other than root are become
/// @param etc folder with the made-up files of `/etc`
record ImageArguments(SandboxSpec spec, Root root, ImageIds ids, StepDown stepDown, Path etc) {
    /// Where `stage.py` puts things; the two agree.
    private static final String STAGE = "/tmp";

    /// What the root of an image may do inside, where it is a stranger on this host: enough for
    /// servers that give up root themselves. Nothing about devices, raw packets or mounts.
    private static final List<String> ROOTS_RIGHTS =
            List.of(
                    "CAP_CHOWN",
                    "CAP_DAC_OVERRIDE",
                    "CAP_FOWNER",
                    "CAP_FSETID",
                    "CAP_KILL",
                    "CAP_NET_BIND_SERVICE",
                    "CAP_SETGID",
                    "CAP_SETPCAP",
                    "CAP_SETUID",
                    "CAP_SYS_CHROOT");

    private static final List<String> STEPPING_DOWN =
            List.of("CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID");

    private static final String CORES = "/sys/devices/system/cpu";

    /// Tells about this host, not about the process.
    private static final List<String> HIDDEN =
            List.of(
                    "/proc/kcore",
                    "/proc/keys",
                    "/proc/latency_stats",
                    "/proc/sched_debug",
                    "/proc/sysrq-trigger",
                    "/proc/timer_list");

    private static final List<String> ETC = List.of("hosts", "hostname", "resolv.conf");

    /// For `stage.py`: names of fields and their values, each ended by a zero byte.
    ///
    /// @param lowPorts whether ports below 1024 must be opened in a network that is this host's
    /// @param groups files that a process writes `0` to in order to join its control groups
    String plan(boolean lowPorts, List<String> groups) {
        List<String> plan = new ArrayList<>();
        groups.forEach(door -> plan.addAll(List.of("groups", door)));
        plan.addAll(List.of("files", root.files().toString()));
        plan.addAll(List.of("changes", root.changes().toString()));
        plan.addAll(List.of("low_ports", lowPorts ? "yes" : "no"));
        numbers(plan, "uids", ids.uids());
        numbers(plan, "gids", ids.gids());
        binds().forEach(bind ->
                plan.addAll(List.of("binds", bind.host().toString(), bind.inside())));
        List<String> folders = new ArrayList<>(List.of("/proc", "/dev", CORES, "/tmp"));
        if (new ImageFiles(root.files()).find(spec.workdir()).isEmpty()) {
            folders.add(spec.workdir());
        }
        folders.forEach(folder -> plan.addAll(List.of("folders", folder)));
        return String.join("\0", plan) + "\0";
    }

    private static void numbers(List<String> plan, String name, List<List<Long>> lines) {
        for (List<Long> line : lines) {
            plan.add(name);
            line.forEach(number -> plan.add(number.toString()));
        }
    }

    List<String> options(boolean ownNetwork) {
        List<String> options =
                new ArrayList<>(BubblewrapArguments.namespaces(spec.name(), ownNetwork));
        String how = root.readOnly() ? "--ro-bind" : "--bind";
        options.addAll(List.of(how, STAGE + "/root", "/", "--proc", "/proc", "--dev", "/dev"));
        String size = Long.toString(BubblewrapArguments.TEMPORARY_BYTES);
        if (root.readOnly()) {
            options.addAll(List.of("--perms", "1777", "--size", size, "--tmpfs", "/tmp"));
        }
        options.addAll(List.of("--perms", "1777", "--size", size, "--tmpfs", "/dev/shm"));
        List<Bind> binds = binds();
        // Before the rest, for nothing can be put into /dev once it is read-only.
        bind(options, binds, true);
        options.addAll(List.of("--remount-ro", "/dev", "--ro-bind-try", CORES, CORES));
        for (String file : HIDDEN) {
            if (Files.exists(Path.of(file))) {
                options.addAll(List.of("--ro-bind", "/dev/null", file));
            }
        }
        bind(options, binds, false);
        options.addAll(List.of("--chdir", spec.workdir(), "--cap-drop", "ALL"));
        for (String right : root.user().uid() == 0 ? ROOTS_RIGHTS : STEPPING_DOWN) {
            options.addAll(List.of("--cap-add", right));
        }
        options.add("--clearenv");
        new TreeMap<>(spec.environment())
                .forEach((name, value) -> options.addAll(List.of("--setenv", name, value)));
        return options;
    }

    private static void bind(List<String> options, List<Bind> binds, boolean devices) {
        Set<Path> made = new HashSet<>(List.of(Path.of("/dev")));
        for (int number = 0; number < binds.size(); number++) {
            Bind bind = binds.get(number);
            if (bind.device() == devices) {
                if (devices) {
                    BubblewrapArguments.parents(Path.of(bind.inside()), made, options);
                }
                String how = devices ? "--dev-bind" : bind.writable() ? "--bind" : "--ro-bind";
                options.addAll(List.of(how, "%s/b/%d".formatted(STAGE, number), bind.inside()));
            }
        }
    }

    List<String> command() {
        List<String> command = new ArrayList<>();
        if (root.user().uid() != 0) {
            command.addAll(stepDown.to(root.user()));
        }
        command.addAll(spec.command());
        return command;
    }

    /// Outer folders first.
    private List<Bind> binds() {
        Stream<Bind> own =
                ETC.stream().map(name -> new Bind(etc.resolve(name), "/etc/" + name, false));
        Stream<Bind> helper =
                root.user().uid() == 0
                        ? Stream.empty()
                        : Stream.of(new Bind(stepDown.folder(), StepDown.INSIDE, false));
        return Stream.of(own, helper, spec.binds().stream())
                .flatMap(each -> each)
                .sorted(Comparator.comparingInt(bind -> Path.of(bind.inside()).getNameCount()))
                .toList();
    }
}
