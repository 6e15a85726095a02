package mews.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import mews.testing.CurrentUser;

/// Somebody on this machine who may give numbers to others, as whom root can run a server.
record OrdinaryUser(String name) {
    private static final String PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

    /// @return empty if there is nobody, or nobody who may read this checkout
    static Optional<OrdinaryUser> find() {
        if (!CurrentUser.isRoot()) {
            return Optional.empty();
        }
        try (Stream<String> lines = Files.lines(Path.of("/etc/subuid"))) {
            return lines.map(line -> new OrdinaryUser(line.split(":")[0]))
                    .filter(user ->
                            Shell.plain().run("id", "-u", user.name).exitCode() == 0
                                    && user.mayRead(Shell.CHECKOUT.resolve("mews")))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Folders only: files may be shared with others by hard links.
    void give(Path folder) {
        Shell.plain()
                .run("find", folder.toString(), "-type", "d", "-exec", "chown", name, "{}", "+")
                .succeeded();
    }

    /// @param folder in which the user finds a home
    Shell shell(Shell shell, Path folder) {
        Path home = folder.resolve("of-" + name);
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        give(home);
        return shell.behind(words()).with("HOME", home.toString()).with("PATH", PATH);
    }

    private boolean mayRead(Path file) {
        return Shell.plain().behind(words()).run("test", "-r", file.toString()).exitCode() == 0;
    }

    private List<String> words() {
        String group = Shell.plain().run("id", "-g", name).succeeded().out().strip();
        return List.of("setpriv", "--reuid=" + name, "--regid=" + group, "--init-groups", "--");
    }
}
