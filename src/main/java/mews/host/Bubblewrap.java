package mews.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import mews.base.Env;

/// Whether bubblewrap can give processes namespaces of their own here, shown by running one.
///
/// @param works whether a process ran with its own mount, pid, ipc, uts and network namespace
/// @param path of the program
/// @param asRoot run by root: namespaces are made with root's rights, the process then takes an
///   unprivileged uid. Otherwise a user namespace maps the caller
/// @param disablesUserNamespaces whether it can keep processes from making further user namespaces
/// @param detail version, or the reason it does not work
public record Bubblewrap(
        boolean works, Path path, boolean asRoot, boolean disablesUserNamespaces, String detail) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    public static Bubblewrap probe() {
        boolean root = "root".equals(System.getProperty("user.name"));
        Path path = onPath();
        Command.Result version = Command.run(PATIENCE, path.toString(), "--version");
        if (!version.ok()) {
            return new Bubblewrap(false, path, root, false, "bwrap is not installed");
        }
        if (root && !Command.run(PATIENCE, "setpriv", "--version").ok()) {
            return new Bubblewrap(
                    false, path, true, false, "setpriv (util-linux) is not installed");
        }
        List<String> flags = root ? List.of() : List.of("--unshare-user");
        Command.Result ran = Command.run(PATIENCE, trial(path, flags));
        boolean sealed =
                !root
                        && Command.run(
                                        PATIENCE,
                                        trial(path, List.of("--unshare-user", "--disable-userns")))
                                .ok();
        return new Bubblewrap(
                ran.ok(), path, root, sealed, ran.ok() ? version.out().strip() : ran.lastWords());
    }

    private static List<String> trial(Path path, List<String> flags) {
        List<String> line = new ArrayList<>(List.of(path.toString()));
        line.addAll(flags);
        line.addAll(
                List.of(
                        "--unshare-pid",
                        "--unshare-ipc",
                        "--unshare-uts",
                        "--unshare-net",
                        "--die-with-parent",
                        "--new-session",
                        "--ro-bind",
                        "/",
                        "/",
                        "--proc",
                        "/proc",
                        "--dev",
                        "/dev",
                        "--perms",
                        "1777",
                        "--size",
                        "1048576",
                        "--tmpfs",
                        "/tmp",
                        "--cap-drop",
                        "ALL",
                        "/bin/sh",
                        "-c",
                        "test \"$$\" -lt 10 && echo x > /tmp/x"));
        return line;
    }

    private static Path onPath() {
        return Stream.of(Env.get("PATH", "/usr/bin").split(":"))
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> Path.of(folder, "bwrap"))
                .filter(java.nio.file.Files::isExecutable)
                .findFirst()
                .orElse(Path.of("/usr/bin/bwrap"));
    }
}
