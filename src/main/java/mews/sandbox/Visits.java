package mews.sandbox;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mews.base.Json;
import org.jspecify.annotations.Nullable;

/// Starts further commands in the places of running processes, by a helper with this server's own
/// rights.
final class Visits {
    /// Where a process is.
    ///
    /// @param process whose namespaces and rights are shared, by this host's number; 0 = it has
    ///   none of its own
    /// @param groups files to write to in order to join its control groups
    /// @param mark variables by which its processes are known
    record Place(long process, List<String> groups, Map<String, String> mark) {}

    private static final List<String> PROGRAM = List.of("enter.py", "carry.py");

    private final Starter starter;
    private final Path folder;
    private final byte[] filter;
    private @Nullable Path written;

    /// @param folder of programs of ours
    /// @param filter of system calls
    Visits(Starter starter, Path folder, byte[] filter) {
        this.starter = starter;
        this.folder = folder;
        this.filter = filter;
    }

    Visit open(Place place, Visit.Wish wish) throws IOException {
        Map<String, String> environment = new HashMap<>(wish.environment());
        environment.putAll(place.mark());
        Visit.Size size = wish.terminal();
        Map<String, @Nullable Object> plan = new LinkedHashMap<>();
        plan.put("server", ProcessHandle.current().pid());
        plan.put("process", place.process());
        plan.put("groups", place.groups());
        plan.put("command", wish.command());
        plan.put("environment", environment);
        plan.put("workdir", wish.workdir());
        plan.put("terminal", size == null ? null : List.of(size.rows(), size.columns()));
        plan.put("filter", Base64.getEncoder().encodeToString(filter));
        List<String> line =
                List.of(wish.interpreter().toString(), "-I", "-S", "-B", program().toString());
        Process helper = starter.start(line, BubblewrapSandbox.LAUNCH_ENVIRONMENT, null);
        try {
            return new Visit(helper, Json.write(plan));
        } catch (IOException e) {
            helper.destroyForcibly();
            throw e;
        }
    }

    private synchronized Path program() throws IOException {
        Path known = written;
        if (known != null) {
            return known;
        }
        for (String name : PROGRAM) {
            Programs.write(folder, name);
        }
        return written = folder.resolve(PROGRAM.getFirst());
    }
}
