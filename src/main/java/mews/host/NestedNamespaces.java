package mews.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Whether an unprivileged process can make namespaces here, shown by having one do it. Forks of a
/// warm parent need it.
public final class NestedNamespaces {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private NestedNamespaces() {}

    /// @return empty if it can, else why not and what to do
    public static String refusal() {
        List<String> line = new ArrayList<>();
        if ("root".equals(System.getProperty("user.name"))) {
            line.addAll(List.of("setpriv", "--reuid", "65534", "--regid", "65534"));
            line.addAll(List.of("--clear-groups", "--no-new-privs", "--bounding-set=-all", "--"));
        }
        line.addAll(List.of("unshare", "--user", "--mount", "--net", "--ipc", "--uts", "--pid"));
        line.addAll(List.of("--fork", "true"));
        Command.Result tried = Command.run(PATIENCE, line);
        if (tried.ok()) {
            return "";
        }
        return ("processes without rights cannot make namespaces (%s); see"
                        + " user.max_user_namespaces, kernel.unprivileged_userns_clone and"
                        + " kernel.apparmor_restrict_unprivileged_userns")
                .formatted(tried.lastWords());
    }
}
