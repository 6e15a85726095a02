package mews.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import mews.host.Bubblewrap;
import mews.sandbox.SandboxSpec.Bind;
import org.jspecify.annotations.Nullable;

/// What bubblewrap is told for one process. It goes through a file, not the command line, since
/// anybody may read command lines.
///
/// @param uid what the process runs as
/// @param etc folder with the made-up files of `/etc`
/// @param nesting whether it may make namespaces below its own
record BubblewrapArguments(
        SandboxSpec spec, Bubblewrap bubblewrap, int uid, Path etc, boolean nesting) {
    static final long TEMPORARY_BYTES = 2L << 30;

    /// Parts of `/etc` that libraries want and that tell nothing about this host's users or keys.
    private static final List<String> ETC =
            List.of(
                    "alternatives",
                    "ca-certificates",
                    "crypto-policies",
                    "fonts",
                    "host.conf",
                    "gai.conf",
                    "ld.so.cache",
                    "ld.so.conf",
                    "ld.so.conf.d",
                    "localtime",
                    "magic",
                    "mime.types",
                    "OpenCL",
                    "os-release",
                    "pki/ca-trust",
                    "pki/tls/certs",
                    "pki/tls/cert.pem",
                    "protocols",
                    "services",
                    "ssl/certs",
                    "ssl/cert.pem",
                    "ssl/openssl.cnf",
                    "timezone",
                    "vulkan");

    /// Enough to enter a working folder that only the unprivileged uid may enter, and to become it.
    private static final List<String> STEPPING_DOWN =
            List.of("CAP_DAC_READ_SEARCH", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP");

    /// Bubblewrap run by root covers parts of /proc, and the kernel then gives no namespace below
    /// it a /proc of its own. What it covers is root's, which the process is not.
    private static final String PLAIN_PROC =
            "LIBMOUNT_FORCE_MOUNT2=always mount -t proc -o nosuid,nodev,noexec proc /proc && exec \"$@\"";

    /// The loader acts on these before a program's first line. They are kept from the helpers that
    /// still have rights.
    private static boolean steersTheLoader(String name) {
        return name.startsWith("LD_")
                || name.startsWith("GCONV_")
                || name.startsWith("GLIBC_")
                || name.startsWith("MALLOC_")
                || name.equals("LOCPATH")
                || name.equals("NLSPATH");
    }

    /// @param ownNetwork whether bubblewrap makes the network namespace; else it keeps the one it
    ///   is started in
    List<String> options(boolean ownNetwork) throws IOException {
        List<String> options = new ArrayList<>(namespaces(ownNetwork));
        options.addAll(system());
        options.addAll(etcFiles());
        options.addAll(binds());
        options.addAll(List.of("--remount-ro", "/", "--chdir", spec.workdir()));
        options.addAll(rights());
        options.add("--clearenv");
        new TreeMap<>(spec.environment())
                .forEach((name, value) -> {
                    if (!steersTheLoader(name)) {
                        options.addAll(List.of("--setenv", name, value));
                    }
                });
        return options;
    }

    /// What runs inside: as root, first the step down to the unprivileged uid.
    List<String> command() {
        List<String> command = new ArrayList<>();
        if (bubblewrap.asRoot()) {
            if (nesting) {
                command.addAll(List.of("/bin/sh", "-c", PLAIN_PROC, "mews"));
            }
            command.addAll(
                    List.of(
                            "/usr/bin/setpriv",
                            "--reuid",
                            Integer.toString(uid),
                            "--regid",
                            Integer.toString(uid),
                            "--clear-groups",
                            "--no-new-privs",
                            "--inh-caps=-all",
                            "--bounding-set=-all",
                            "--"));
        }
        List<String> loader =
                spec.environment().entrySet().stream()
                        .filter(entry -> steersTheLoader(entry.getKey()))
                        .sorted(Map.Entry.comparingByKey())
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toList();
        if (!loader.isEmpty()) {
            command.add("/usr/bin/env");
            command.addAll(loader);
        }
        command.addAll(spec.command());
        return command;
    }

    private List<String> namespaces(boolean ownNetwork) {
        List<String> options = new ArrayList<>(namespaces(spec.name(), ownNetwork));
        if (!bubblewrap.asRoot()) {
            options.add("--unshare-user");
        }
        if (bubblewrap.disablesUserNamespaces() && !nesting) {
            options.add("--disable-userns");
        }
        return options;
    }

    /// All but the user namespace.
    static List<String> namespaces(String name, boolean ownNetwork) {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "--unshare-pid",
                                "--unshare-ipc",
                                "--unshare-uts",
                                "--unshare-cgroup-try",
                                "--hostname",
                                name,
                                "--die-with-parent",
                                "--new-session"));
        if (ownNetwork) {
            options.add("--unshare-net");
        }
        return options;
    }

    private List<String> system() throws IOException {
        List<String> options = new ArrayList<>(List.of("--ro-bind", "/usr", "/usr"));
        for (String name : List.of("bin", "sbin", "lib", "lib32", "lib64", "libx32")) {
            Path folder = Path.of("/", name);
            if (Files.isSymbolicLink(folder)) {
                Path target = Files.readSymbolicLink(folder);
                options.addAll(List.of("--symlink", target.toString(), folder.toString()));
            } else if (Files.isDirectory(folder)) {
                options.addAll(List.of("--ro-bind", folder.toString(), folder.toString()));
            }
        }
        // /sys tells libraries how many cores there are; the rest of it is none of their business.
        String cores = "/sys/devices/system/cpu";
        options.addAll(List.of(nesting && bubblewrap.asRoot() ? "--dir" : "--proc", "/proc"));
        options.addAll(List.of("--dev", "/dev", "--ro-bind-try", cores, cores));
        for (String folder : List.of("/tmp", "/dev/shm")) {
            String size = Long.toString(TEMPORARY_BYTES);
            options.addAll(List.of("--perms", "1777", "--size", size, "--tmpfs", folder));
        }
        Set<Path> made = new LinkedHashSet<>(List.of(Path.of("/dev")));
        for (Bind bind : spec.binds()) {
            if (bind.device()) {
                parents(Path.of(bind.inside()), made, options);
                options.addAll(List.of("--dev-bind", bind.host().toString(), bind.inside()));
            }
        }
        options.addAll(List.of("--remount-ro", "/dev"));
        options.addAll(List.of("--perms", "0755", "--dir", "/var", "--perms", "0755"));
        options.addAll(List.of("--dir", "/run", "--symlink", "../tmp", "/var/tmp"));
        return options;
    }

    private List<String> etcFiles() throws IOException {
        List<String> options = new ArrayList<>(List.of("--perms", "0755", "--dir", "/etc"));
        Set<Path> made = new LinkedHashSet<>(List.of(Path.of("/etc")));
        for (String name : ETC) {
            Path file = Path.of("/etc", name);
            if (Files.exists(file)) {
                parents(file, made, options);
                options.addAll(List.of("--ro-bind", file.toRealPath().toString(), file.toString()));
            }
        }
        for (String name : List.of("passwd", "group", "hosts", "resolv.conf", "nsswitch.conf")) {
            options.addAll(List.of("--ro-bind", etc.resolve(name).toString(), "/etc/" + name));
        }
        return options;
    }

    private List<String> binds() {
        List<Bind> outerFirst =
                spec.binds().stream()
                        .filter(bind -> !bind.device())
                        .sorted(
                                Comparator.comparingInt(
                                        bind -> Path.of(bind.inside()).getNameCount()))
                        .toList();
        Set<Path> made =
                new LinkedHashSet<>(List.of(Path.of("/tmp"), Path.of("/dev"), Path.of("/usr")));
        List<String> options = new ArrayList<>();
        for (Bind bind : outerFirst) {
            Path inside = Path.of(bind.inside());
            parents(inside, made, options);
            made.add(inside);
            options.addAll(
                    List.of(
                            bind.writable() ? "--bind" : "--ro-bind",
                            bind.host().toString(),
                            inside.toString()));
        }
        return options;
    }

    /// Left to itself bubblewrap makes parents that only root may pass through.
    static void parents(Path inside, Set<Path> made, List<String> options) {
        List<Path> missing = new ArrayList<>();
        for (@Nullable Path up = inside.getParent(); up != null; up = up.getParent()) {
            if (made.contains(up)) {
                break;
            }
            if (up.getNameCount() > 0) {
                missing.addFirst(up);
            }
        }
        for (Path folder : missing) {
            made.add(folder);
            options.addAll(List.of("--perms", "0755", "--dir", folder.toString()));
        }
    }

    private List<String> rights() {
        List<String> options = new ArrayList<>(List.of("--cap-drop", "ALL"));
        if (bubblewrap.asRoot()) {
            for (String needed : STEPPING_DOWN) {
                options.addAll(List.of("--cap-add", needed));
            }
            if (nesting) {
                options.addAll(List.of("--cap-add", "CAP_SYS_ADMIN"));
            }
        }
        return options;
    }
}
