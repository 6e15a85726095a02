package mews.host;

import java.util.ArrayList;
import java.util.List;

/// Runs a program so that nothing it starts or mounts outlives it, however it ends.
public final class Enclosure {
    /// A process and a mount namespace. The shell passes on the request to stop, which `unshare`
    /// would not, and takes everything along when it is killed itself.
    private static final String SHELL =
            """
            setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child --mount-proc "$@" &
            inner=$!
            trap 'kill -TERM $(cat /proc/$inner/task/$inner/children) 2>/dev/null' TERM
            while kill -0 $inner 2>/dev/null; do wait $inner; code=$?; done
            exit $code
            """;

    private Enclosure() {}

    /// Words that run a command inside. It is asked to stop by SIGTERM. Needs root.
    public static List<String> line(List<String> command) {
        List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", SHELL, "mews-enclosure"));
        words.addAll(command);
        return words;
    }
}
